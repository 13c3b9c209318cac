-- Completes what lighttpd answers by itself, static pages and its own errors, and logs the latter.
-- Programs set all of their headers themselves, X-Content-Type-Options among them, and are left alone.
local static_policy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
-- A page that a mail links to runs its own script, which calls auth, and nothing else.
local link_policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
	.. "form-action 'none'; base-uri 'none'; frame-ancestors 'none'"

local function is_link_page(path)
	return path == "/verify-email" or path == "/reset-password" or path:sub(1, 12) == "/link-pages/"
end

local function quoted(text)
	return '"' .. text:gsub('[^ !#-%[%]-~]', function(c)
		return string.format("\\u%04x", c:byte())
	end) .. '"'
end

-- A UUIDv7, as the programs make them.
local function new_id()
	local s, ns = lighty.c.hrtime()
	local ms = s * 1000 + math.floor(ns / 1000000)
	local random = assert(io.open("/dev/urandom", "rb"))
	random:setvbuf("no")
	local b = { random:read(10):byte(1, 10) }
	random:close()
	return string.format("%08x-%04x-7%03x-%04x-%02x%02x%02x%02x%02x%02x", math.floor(ms / 65536), ms % 65536,
		(b[1] * 256 + b[2]) % 4096, 32768 + (b[3] * 256 + b[4]) % 16384, b[5], b[6], b[7], b[8], b[9], b[10])
end

-- The client's, where it may stand in a header and a log; else one of ours.
local function request_id(r)
	local given = r.req_header["X-Request-Id"] or ""
	return given:match("^[%w._~-]+$") and #given <= 128 and given or new_id()
end

-- As the programs do: a page may read why it was refused.
local function allow_origin(r, header)
	local origins = os.getenv("CORS_ALLOWED_ORIGINS") or ""
	local origin = r.req_header["Origin"]
	local allowed = origins == "*" and "*" or nil
	if origins ~= "" and not allowed then
		header["Vary"] = "Origin"
	end
	for one in origins:gmatch("[^, ]+") do
		allowed = allowed or one == origin and one
	end
	if origin and allowed then
		header["Access-Control-Allow-Origin"] = allowed
		header["Access-Control-Expose-Headers"] = "X-Request-Id, Retry-After"
	end
end

-- A line in the form of the programs', where theirs go: what lighttpd refuses they never hear of.
-- Never the query, which may hold a token.
local function tell(r, status, id)
	local s, ns = lighty.c.hrtime()
	local path = (r.req_attr["request.orig-uri"] or ""):match("^[^?]*"):sub(1, 500)
	local members = {
		'"time":"' .. os.date("!%Y-%m-%dT%H:%M:%S", s) .. string.format('.%03dZ"', math.floor(ns / 1000000)),
		'"level":"' .. (status >= 500 and "warn" or "info") .. '","msg":"refused","service":"lighttpd"',
		'"method":' .. quoted(r.req_attr["request.method"] or ""),
		'"path":' .. quoted(path),
		'"status":' .. status,
		'"address":' .. quoted(r.req_attr["request.remote-addr"] or ""),
		'"request_id":"' .. id .. '"',
	}
	io.stderr:write("{" .. table.concat(members, ",") .. "}\n")
end

local r = lighty.r
local header = r.resp_header
if not header["X-Content-Type-Options"] then
	header["X-Content-Type-Options"] = "nosniff"
	header["X-Frame-Options"] = "DENY"
	header["Content-Security-Policy"] = static_policy
	header["Referrer-Policy"] = "no-referrer"
	header["Permissions-Policy"] = "interest-cohort=()"
	local status = r.req_item.http_status or 0
	local path = r.req_attr["uri.path"]
	local id = request_id(r)
	header["X-Request-Id"] = id
	if status >= 400 then
		header["Cache-Control"] = "no-store"
		allow_origin(r, header)
		tell(r, status, id)
		if status == 503 then
			header["Retry-After"] = "1"
		end
	elseif path:sub(1, 10) == "/problems/" then
		header["Cache-Control"] = "public, max-age=3600"
	elseif is_link_page(path) then
		-- The address that was asked for holds a secret.
		header["Cache-Control"] = "no-store"
		header["Content-Security-Policy"] = link_policy
	end
end
return 0
