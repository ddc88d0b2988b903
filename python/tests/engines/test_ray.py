"""Ray with two nodes, one of which is lost."""

import threading
import time

import pyarrow as pa
import pytest

import dehusk.ray

COPIES = 20


@pytest.fixture(scope="module")
def cluster():
    pytest.importorskip("ray")
    import ray
    from ray.cluster_utils import Cluster

    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "object_store_memory": 200 << 20})
    cluster.add_node(num_cpus=1, object_store_memory=200 << 20)
    cluster.wait_for_nodes()
    ray.init(address=cluster.address, log_to_driver=False)
    yield cluster
    ray.shutdown()
    cluster.shutdown()


def rows_of(ds):
    return sorted((row["path"], row["text"]) for row in ds.take_all())


def test_bodies_are_the_commands_and_a_lost_node_is_no_loss(cluster, cases):
    import ray

    table = pa.table({"path": [c.name for c in cases], "text": [c.text for c in cases]})
    expected = sorted((c.name, c.body) for c in cases)
    done = dehusk.ray.clean(ray.data.from_arrow(table), report="why")
    assert rows_of(done) == expected
    statuses = {row["path"]: row["why"]["status"] for row in done.take_all()}
    assert statuses == {c.name: c.record["status"] for c in cases}

    # Slow enough that the node is lost in the midst of it.
    def slow(batch):
        time.sleep(0.5)
        return batch

    many = ray.data.from_arrow([table] * COPIES).map_batches(slow, batch_format="pyarrow", batch_size=None)
    job = many.map_batches(dehusk.ray.Clean(), batch_format="pyarrow", batch_size=None)
    lost = []

    def lose():
        [worker] = list(cluster.worker_nodes)
        cluster.remove_node(worker, allow_graceful=False)
        lost.append(worker)

    timer = threading.Timer(3, lose)
    timer.start()
    rows = rows_of(job)
    assert lost, "the job was over before a node was lost"
    timer.join()
    assert rows == sorted(expected * COPIES)
