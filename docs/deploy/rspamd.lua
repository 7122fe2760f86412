-- Asks `phish serve` about the sites that a message links to: /etc/rspamd/lua.local.d/phish.lua
--
-- One symbol for each band of the score. Together they never weigh more than 6, far below the 15 at which rspamd rejects:
-- one model alone must not reject a message. No answer in time gives PHISH_ML_UNKNOWN with the weight 0: the message passes,
-- and the symbol says why.
--
-- `row_of` must give the columns that your release was trained on; GET /v1/model lists them. This one fits a table of
-- columns that the address itself tells.

local rspamd_http = require "rspamd_http"
local rspamd_logger = require "rspamd_logger"
local ucl = require "ucl"

local settings = {
  url = "http://127.0.0.1:8000/v1/predict",
  key = nil,          -- an API key, where the service asks for one
  timeout = 1.0,      -- seconds; rspamd gives a message 8 in all
  deadline_ms = 200,  -- the service answers within these, with or without a score
  most = 5,           -- sites of a message
  high = 0.9,
  medium = 0.6,
}

local function row_of(url)
  local host, path = url:get_host() or "", url:get_path() or ""
  return {
    url_length = #tostring(url),
    host_length = #host,
    n_dots = select(2, host:gsub("%.", "")),
    n_hyphens = select(2, host:gsub("%-", "")),
    n_digits = select(2, host:gsub("%d", "")),
    path_length = #path,
    tld = url:get_tld() or ucl.null,
  }
end

local function symbol_of(prediction)
  if prediction.verdict == "unknown" then return "PHISH_ML_UNKNOWN" end
  if prediction.probability >= settings.high then return "PHISH_ML_HIGH" end
  if prediction.probability >= settings.medium then return "PHISH_ML_MED" end
end

local function callback(task)
  local rows, hosts = {}, {}
  for _, url in ipairs(task:get_urls({ "http", "https" }) or {}) do
    local host = url:get_host()
    if host and not hosts[host] and #rows < settings.most then
      hosts[host] = true
      hosts[#hosts + 1] = host
      rows[#rows + 1] = row_of(url)
    end
  end
  if #rows == 0 then return end

  local function answered(err, code, body)
    local parser = ucl.parser()
    if err or code ~= 200 or not parser:parse_string(body) then
      rspamd_logger.infox(task, "phish did not answer: %s", err or code)
      task:insert_result("PHISH_ML_UNKNOWN", 1.0, "no answer")
      return
    end
    local answer = parser:get_object()
    if answer.failed_open then
      task:insert_result("PHISH_ML_UNKNOWN", 1.0, answer.reason)
      return
    end
    for i, prediction in ipairs(answer.predictions) do
      local symbol = symbol_of(prediction)
      if symbol then
        local defanged = hosts[i]:gsub("%.", "[.]")
        task:insert_result(symbol, 1.0, string.format("%s v%s", defanged, answer.version))
      end
    end
  end

  rspamd_http.request({
    task = task,
    url = settings.url,
    method = "POST",
    body = ucl.to_format({ rows = rows }, "json-compact"),
    headers = {
      ["Content-Type"] = "application/json",
      ["X-Deadline-Ms"] = tostring(settings.deadline_ms),
      ["X-Request-Id"] = task:get_uid(),
      ["Authorization"] = settings.key and ("Bearer " .. settings.key) or nil,
    },
    timeout = settings.timeout,
    callback = answered,
  })
end

local parent = rspamd_config:register_symbol({ name = "PHISH_ML", type = "callback", callback = callback })
for _, name in ipairs({ "PHISH_ML_HIGH", "PHISH_ML_MED", "PHISH_ML_UNKNOWN" }) do
  rspamd_config:register_symbol({ name = name, type = "virtual", parent = parent })
end

rspamd_config:set_metric_symbol({ name = "PHISH_ML_HIGH", score = 6.0, group = "phish", description = "score >= 0.9", one_shot = true })
rspamd_config:set_metric_symbol({ name = "PHISH_ML_MED", score = 3.0, group = "phish", description = "score >= 0.6", one_shot = true })
rspamd_config:set_metric_symbol({ name = "PHISH_ML_UNKNOWN", score = 0.0, group = "phish", description = "no score", one_shot = true })
