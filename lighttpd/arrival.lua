-- When the request came, for the program that it goes to.  What brings a long body comes when that is
-- here, of which nobody tells; so it is left without.
local r = lighty.r
if (tonumber(r.req_header["Content-Length"]) or 0) <= 16384 then
	local s, ns = lighty.c.hrtime()
	r.req_env["REQUEST_ARRIVED_MS"] = string.format("%d%03d", s, math.floor(ns / 1000000))
end
return 0
