"""What the README's figures come from. `script/bench` runs it; nothing here is imported by the portal."""
