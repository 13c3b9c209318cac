// Confirms an address on a click, and not before: scanners open the links in mails, too.
import { serve, settle_link, show, token } from "./page.js";

serve("ask", "auth/email/verify", () => ({ token }), settle_link);
show(token ? "ask" : "incomplete");
