-- Where lighttpd comes with every error of its own (server.error-handler), the request having become
-- a GET of /@error.  Whatever is answered here, the error keeps its status and gets its page.
--
-- Except 411: lighttpd's parser has it for a POST that tells no length, though such a request simply
-- has no body (RFC 9112, 6.3; the parser lets "Transfer-Encoding" pass, and whole bodies go to the
-- programs, so that nothing else is ever a 411).  It starts over as what it was.
local r = lighty.r
local env = r.req_env

if env["REDIRECT_STATUS"] ~= "411" then
	return 404
end
-- lighttpd goes on calling it a GET, so this tells the program.  Clients can set HTTP_… alone.
env["REDIRECT_REQUEST_METHOD"] = "POST"
-- No longer an error: one that comes now, of a program that is down, is told as itself.
env["REDIRECT_STATUS"] = "000"
-- lighttpd would cut parts out of the answer to a GET.
r.req_header["Range"] = nil
r.req_attr["request.uri"] = r.req_attr["request.orig-uri"]
return lighty.RESTART_REQUEST
