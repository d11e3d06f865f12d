"""Routes that are matched ahead of FastAPI's, without its dependencies and models: predictions take this path.

The reason is measured. With the same endpoint (JSON body, orjson, NumPy; one worker, 16 keep-alive connections) a
Starlette route on the application reaches 0.71 of the throughput of a bare FastAPI route with a constant answer, a
FastAPI route only 0.52. So FastAPI documents these routes and answers wrong methods, and Starlette runs them.
"""
