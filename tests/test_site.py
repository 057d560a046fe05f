"""What is not the API: the documentation, health, metrics."""

import httpx2

from tests.world import World


async def test_docs_name_every_operation_without_a_script(client: httpx2.AsyncClient) -> None:
    described = (await client.get("/openapi.json")).json()
    page = (await client.get("/docs")).text
    assert "<script" not in page
    for path in described["paths"]:
        assert path in page, path


async def test_health_says_alive_and_ready(client: httpx2.AsyncClient) -> None:
    assert (await client.get("/healthz")).text == "ok\n"
    assert (await client.get("/readyz")).text == "ready\n"


async def test_metrics_count_by_route_template(client: httpx2.AsyncClient, world: World) -> None:
    patient = f"/api/patients/{world.a.patient}"
    await client.get(patient, headers=world.a.as_("receptionist"))
    found = (await client.get("/metrics")).text
    assert 'route="GET /api/patients/{patient_id}"' in found
    assert str(world.a.patient) not in found


async def test_unknown_api_path_is_a_problem_not_a_page(client: httpx2.AsyncClient) -> None:
    answer = await client.get("/api/nothing/here")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
