-- Sends bodies of a file, one JSON a line, in random order; prints what was measured as one line of JSON.
local bodies, headers = {}, { ["Content-Type"] = "application/json" }

function init(args)
  for line in io.lines(args[1]) do bodies[#bodies + 1] = wrk.format("POST", "/graphql", headers, line) end
  math.randomseed(tonumber(args[2]))
end

function request() return bodies[math.random(#bodies)] end

function done(summary, latency)
  local e = summary.errors
  io.write(string.format(
    '\nMEASURED {"requests": %d, "seconds": %.6f, "p50_ms": %.3f, "p99_ms": %.3f, "errors": %d}\n', summary.requests,
    summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    e.connect + e.read + e.write + e.status + e.timeout))
end
