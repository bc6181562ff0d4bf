import datetime, json, os, urllib.request, uuid

SERVER = os.environ.get("RINGSIDE_URL", "ORIGIN")
KEY = os.environ.get("RINGSIDE_INGEST_KEY")  # where the server asks for one

def at(seconds_ago):
    moment = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(seconds=seconds_ago)
    return moment.isoformat()

def send(type, data, seconds_ago=0, source="docs"):
    event = {"specversion": "1.0", "id": str(uuid.uuid4()), "source": source,
             "type": type, "time": at(seconds_ago), "data": data}
    headers = {"Content-Type": "application/cloudevents+json"}
    if KEY:
        headers["Authorization"] = "Bearer " + KEY
    request = urllib.request.Request(SERVER + "/api/v1/events", json.dumps(event).encode(), headers)
    with urllib.request.urlopen(request) as answer:
        said = json.load(answer)
    print(type, said)
    return said
