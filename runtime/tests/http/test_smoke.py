def test_ping(guest):
    assert guest.get("/api/method/ping").json() == {"message": "pong"}


def test_list(clerk):
    answer = clerk.get("/api/resource/Parcel")
    assert answer.status_code == 200, answer.text
    assert len(answer.json()["data"]) == 20
