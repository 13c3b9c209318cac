-- Completes what lighttpd answers by itself: static pages and its own errors.  Programs set all of
-- their headers themselves, X-Content-Type-Options among them, and are left alone.
local r = lighty.r
local header = r.resp_header
if not header["X-Content-Type-Options"] then
	header["X-Content-Type-Options"] = "nosniff"
	header["X-Frame-Options"] = "DENY"
	header["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
	header["Referrer-Policy"] = "no-referrer"
	header["Permissions-Policy"] = "interest-cohort=()"
	local status = r.req_item.http_status or 0
	if status >= 400 then
		header["Cache-Control"] = "no-store"
		if status == 503 then
			header["Retry-After"] = "1"
		end
	elseif r.req_attr["uri.path"]:sub(1, 10) == "/problems/" then
		header["Cache-Control"] = "public, max-age=3600"
	end
end
return 0
