"""The least that a FastAPI route can do: it reads the request body, and returns a constant."""

import argparse

import uvicorn
from fastapi import FastAPI, Request, Response


def create_app(answer: bytes) -> FastAPI:
    """Build an application that returns *answer* for every prediction."""
    app = FastAPI()

    @app.post("/v1/predict")
    async def predict(request: Request) -> Response:
        await request.body()
        return Response(answer, media_type="application/json")

    @app.get("/health/ready")
    async def ready() -> dict[str, str]:
        return {"status": "ready"}

    return app


def main() -> None:
    """Serve it with the same uvicorn settings as the service."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--answer-bytes", type=int, required=True)
    given = parser.parse_args()
    answer = b'{"digit":7,"padding":"'.ljust(given.answer_bytes - 2, b".") + b'"}'
    uvicorn.run(
        create_app(answer),
        host="127.0.0.1",
        port=given.port,
        log_level="warning",
        access_log=False,
        server_header=False,
    )


if __name__ == "__main__":
    main()
