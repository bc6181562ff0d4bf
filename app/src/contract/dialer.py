# A floor of two agents that calls ten numbers. All of it is told as if it had happened in the last minutes.
CAMPAIGN, ROUTE = "autumn", "beta"

send("route.updated", {"route": ROUTE, "name": "Beta", "carrier": "Southline"}, 900)
send("campaign.updated", {"campaign": CAMPAIGN, "name": "Autumn survey", "status": "active",
     "mode": "predictive", "destinations": 10, "cac_limit": 5, "max_attempts": 1}, 900)
send("did.updated", {"did": "+12025550143", "status": "active"}, 900)
for agent in ("ben", "eve"):
    send("agent.state", {"agent": agent, "campaign": CAMPAIGN, "state": "ready"}, 900)

for n in range(10):
    call, began, agent = f"autumn-{n}", 600 - 50 * n, ("ben", "eve")[n % 2]
    send("call.started", {"call_id": call, "direction": "outbound", "campaign": CAMPAIGN, "route": ROUTE,
         "from": "+12025550143", "to": f"+1202555017{n}", "attempt": 1}, began)
    send("call.progress", {"call_id": call}, began - 2)
    if n % 3 == 2:  # nobody answers
        send("call.ended", {"call_id": call, "outcome": "no_answer", "sip_code": 480, "final": True}, began - 25)
        continue
    send("call.answered", {"call_id": call, "by": "human"}, began - 8)
    send("call.bridged", {"call_id": call, "agent": agent}, began - 9)
    send("agent.state", {"agent": agent, "campaign": CAMPAIGN, "state": "on_call"}, began - 9)
    if n == 4:
        send("call.transferred", {"call_id": call, "kind": "blind", "target": "back office"}, began - 30)
    send("call.ended", {"call_id": call, "outcome": "completed", "hung_up_by": "person",
         "right_party": n % 2 == 0, "wrap_ms": 5000, "final": True}, began - 40)
    send("agent.state", {"agent": agent, "campaign": CAMPAIGN, "state": "wrap_up"}, began - 40)
    send("agent.state", {"agent": agent, "campaign": CAMPAIGN, "state": "ready"}, began - 45)

# Somebody calls back, waits in the queue and is taken.
send("call.started", {"call_id": "autumn-in", "direction": "inbound", "campaign": CAMPAIGN,
     "from": "+12025550171", "to": "+12025550143"}, 60)
send("call.answered", {"call_id": "autumn-in"}, 59)
send("call.queued", {"call_id": "autumn-in", "queue": "callbacks"}, 58)
send("call.bridged", {"call_id": "autumn-in", "agent": "eve"}, 45)
send("call.ended", {"call_id": "autumn-in", "outcome": "completed", "hung_up_by": "agent"}, 5)

send("health.sample", {"component": "media-1", "kind": "media_server", "status": "healthy", "latency_ms": 9})
send("channels.sample", {"trunk": ROUTE, "active": 2, "capacity": 30})
month = at(0)[:7]  # by the clock of UTC; a month is the site's: within hours of its turn name the month that it is there
send("cost.updated", {"month": month, "amount": "310.00", "currency": "USD", "kind": "telephony"})
send("cost.updated", {"month": month, "amount": "90.00", "currency": "USD", "kind": "infrastructure"})
