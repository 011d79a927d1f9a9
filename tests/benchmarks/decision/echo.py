"""A process that answers with what it was asked, and prints beside it."""

from benchmarks.decision.sessions import serve


def answer(request):
    """Return the request with one more key; end where it says so."""
    print("this is no answer")
    if request.get("end"):
        raise SystemExit(7)
    return request | {"heard": True}


if __name__ == "__main__":
    serve(answer)
