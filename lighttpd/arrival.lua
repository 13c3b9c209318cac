local r = lighty.r
-- A program sees X_Forwarded_For and X!Forwarded-For as X-Forwarded-For, of which a proxy in front would
-- have made its own: what has such a name does not get there.
for name in pairs(r.req_header) do
	if name:find("[^%w-]") then
		r.req_header[name] = nil
	end
end
-- When the request came, for the program that it goes to.  What brings a long body comes when that is
-- here, of which nobody tells; so it is left without.
if (tonumber(r.req_header["Content-Length"]) or 0) <= 16384 then
	local s, ns = lighty.c.hrtime()
	r.req_env["REQUEST_ARRIVED_MS"] = string.format("%d%03d", s, math.floor(ns / 1000000))
end
return 0
