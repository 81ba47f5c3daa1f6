"use strict";
/* Before anything is drawn: scripts run here, so what is only for pages without them is not shown. */
document.documentElement.classList.add("js");
