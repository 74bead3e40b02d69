-- Argo CD's health of a ZfsDiskImage. Without it Argo CD calls every ZfsDiskImage healthy from its first moment.
-- It reads what kstatus reads: observedGeneration and the conditions Ready, Reconciling and Stalled.
local function condition(type)
  for _, each in ipairs(obj.status.conditions) do
    if each.type == type then
      return each
    end
  end
end

local function health(status, each)
  local message = ""
  if each ~= nil then
    message = each.message or each.reason
  end
  return { status = status, message = message }
end

if obj.status == nil or obj.status.conditions == nil then
  return { status = "Progressing", message = "the operator has not seen it yet" }
end
if obj.status.observedGeneration ~= nil and obj.metadata.generation ~= nil and obj.status.observedGeneration < obj.metadata.generation then
  return { status = "Progressing", message = "the operator has not seen the newest change yet" }
end

local ready = condition("Ready")
local stalled = condition("Stalled")
if stalled ~= nil and stalled.status == "True" then
  return health("Degraded", stalled)
end
if ready ~= nil and ready.status == "True" then
  return health("Healthy", ready)
end
if obj.status.phase == "Suspended" then
  return health("Suspended", ready)
end
return health("Progressing", condition("Reconciling") or ready)
