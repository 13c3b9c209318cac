-- What wrk sends, by the environment:
--   BENCH_KIND   get, list, buy, nothing_get, nothing_buy, validate or login
--   BENCH_ITEMS  file of item ids, one a line
--   BENCH_USERS  file of "email token", one a line
--   BENCH_DELAY  mean pause of a connection between two requests, in ms; without it there is none
-- It prints one line: answers a second, the 50th and the 99th percentile in microseconds, how many
-- answers were no success, and how many there were.
local ffi = require("ffi")
ffi.cdef([[
	struct bench_timespec { long seconds; long nanoseconds; };
	int clock_gettime(int clock, struct bench_timespec *now);
]])

local function lines(name)
	local found = {}
	for line in io.lines(os.getenv(name)) do
		found[#found + 1] = line
	end
	return found
end

local function now()
	local time = ffi.new("struct bench_timespec")
	ffi.C.clock_gettime(1, time)
	return tonumber(time.seconds) + tonumber(time.nanoseconds) / 1e9
end

local threads = {}
function setup(thread)
	threads[#threads + 1] = thread
end

-- Requests are written out beforehand, so that making them costs nothing in between.
local requests, at = {}, 0
function init()
	local kind = os.getenv("BENCH_KIND")
	local json = { ["Content-Type"] = "application/json" }
	answers, failures, first, last = 0, 0, 0, 0
	if kind == "login" then
		for _, user in ipairs(lines("BENCH_USERS")) do
			local email = user:match("^%S+")
			requests[#requests + 1] = wrk.format("POST", "/auth/login", json,
				'{"email":"' .. email .. '","password":"a passphrase of the bench"}')
		end
		return
	end
	local users = (kind:match("buy$") or kind == "validate") and lines("BENCH_USERS") or { "" }
	local items = lines("BENCH_ITEMS")
	for i = 1, math.max(#items, #users) do
		local item, user = items[i % #items + 1], users[i % #users + 1]
		if kind:match("buy$") then
			requests[i] = wrk.format("POST", "/buy/" .. item, {
				["Authorization"] = "Bearer " .. user:match("%S+$"),
				["Content-Type"] = "application/json",
			}, '{"quantity":1}')
		elseif kind == "validate" then
			requests[i] = wrk.format("GET", "/auth/validate",
				{ ["Authorization"] = "Bearer " .. user:match("%S+$") })
		elseif kind == "list" then
			requests[i] = wrk.format("GET", "/item?category=lighting&limit=20")
		else
			requests[i] = wrk.format("GET", "/item/" .. item)
		end
	end
end

-- Whoever pauses measures how long an answer takes, not how many there can be.
local pause_ms = tonumber(os.getenv("BENCH_DELAY") or "0")
if pause_ms > 0 then
	function delay()
		return math.random(0, 2 * pause_ms)
	end
end

function request()
	at = at % #requests + 1
	return requests[at]
end

-- From the first answer to the last: requests that were under way at the end count for nothing.
function response(status)
	last = now()
	if answers == 0 then
		first = last
	end
	answers = answers + 1
	if status >= 300 then
		failures = failures + 1
	end
end

function done(summary, latency)
	local rate, total, failed = 0, 0, summary.errors.connect + summary.errors.read + summary.errors.write
		+ summary.errors.timeout
	for _, thread in ipairs(threads) do
		local count = thread:get("answers")
		if count > 1 then
			rate = rate + (count - 1) / (thread:get("last") - thread:get("first"))
		end
		total = total + count
		failed = failed + thread:get("failures")
	end
	io.write(string.format("bench %.2f %d %d %d %d\n", rate, latency:percentile(50),
		latency:percentile(99), failed, total))
end
