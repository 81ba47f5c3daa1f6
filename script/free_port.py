"""Say so when an address cannot be served: taken, not ours, or not allowed. Usage: free_port.py HOST PORT."""

import socket
import sys


def main(host: str, port: int) -> int:
    """Bind once and let go; 0 when that works."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as door:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            door.bind((host, port))
        except (OSError, OverflowError) as error:
            reason = getattr(error, "strerror", None) or error
            print(f"stopped: cannot serve {host} port {port}: {reason}; try --port", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2])))
