"""The PyTorch peer of `ofmu-gpu bench step`: the parts of one OFMU step on the same shapes, on the CPU or a GPU.

Operations (arXiv 2509.22483), each on fresh random tokens that are all labels, float32:

    grad          grad L: one forward and one backward pass
    hvp           (grad L, H u): backward through the backward pass
    hvp_func      the same pair by torch.func, jvp of grad (forward over reverse)
    gradphi       g_f - beta (H_f u_f + H_r u_r), u = ds/dg, s = cos(g_f, g_r): two gradients, two exact products
    gradphi_lean  the same value with one graph alive at a time, for one more gradient
    outer         g_r + 2 rho Hessian(Phi) v, v = grad Phi: backward through gradphi, third derivatives of L

PyTorch is given its best case: every attention that supports the operation is timed and the fastest is
reported (`tried` lists all), graphs are freed as early as possible, vectors are kept as tensors per parameter
so that nothing is flattened or copied, and `--allocator tuned` stops glibc from returning memory between
tensors. `torch.compile` is absent because its backward cannot be differentiated again.

Every measurement runs in a process of its own, so peak_resident_bytes (ru_maxrss) belongs to one operation;
import_resident_bytes is what Python and the libraries held before the model was built. One JSON line each.
"""
import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import time

SHAPES = {
    "tiny": dict(model=dict(hidden_size=128, intermediate_size=384, num_hidden_layers=4, num_attention_heads=4,
                            num_key_value_heads=2, vocab_size=2048), batch=16, seq=64, repeats=7),
    "smol": dict(model=dict(hidden_size=576, intermediate_size=1536, num_hidden_layers=30, num_attention_heads=9,
                            num_key_value_heads=3, vocab_size=49152), batch=4, seq=64, repeats=3),
}
TWICE = ("eager", "sdpa-math")  # the attentions that can be differentiated more than once
ATTENTIONS = {"grad": ("eager", "sdpa-math", "sdpa"), "hvp": TWICE, "hvp_func": TWICE, "gradphi": TWICE,
              "gradphi_lean": TWICE, "outer": TWICE}
DEFAULT_OPERATIONS = ("grad", "hvp", "hvp_func", "gradphi", "gradphi_lean", "outer")
QUIET = 0.1  # cores used by everybody else, below which a measurement counts as undisturbed
TUNED_ALLOCATOR = {"MALLOC_MMAP_THRESHOLD_": str(1 << 40), "MALLOC_TRIM_THRESHOLD_": str(1 << 40),
                   "MALLOC_ARENA_MAX": "1", "THP_MEM_ALLOC_ENABLE": "1"}


# --- in the child process ---------------------------------------------------------------------------------------

def resident_bytes():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


class Step:
    """One model, two batches, and the operations on them."""

    def __init__(self, args):
        import torch
        from transformers import LlamaConfig, LlamaForCausalLM

        self.torch = torch
        torch.set_num_threads(args.threads)
        torch.manual_seed(0)
        config = LlamaConfig(**SHAPES[args.shape]["model"], tie_word_embeddings=True, max_position_embeddings=2048,
                             attn_implementation=args.attention.split("-")[0])
        self.model = LlamaForCausalLM(config).to(args.device)
        self.params = list(self.model.parameters())
        self.forget, self.retain = (torch.randint(0, config.vocab_size, (args.batch, args.seq), device=args.device)
                                    for _ in range(2))
        self.beta, self.rho = 0.1, 0.1
        if args.operation.startswith("hvp"):
            self.direction = [torch.randn_like(p) for p in self.params]

    def loss(self, ids, parameters=None):
        F, kwargs = self.torch.nn.functional, dict(input_ids=ids, use_cache=False)
        logits = (self.model(**kwargs) if parameters is None else
                  self.torch.func.functional_call(self.model, parameters, kwargs=kwargs)).logits
        targets = F.pad(ids[:, 1:], (0, 1), value=-100)  # shift the labels, not the logits: no copy of [B, T, V]
        return F.cross_entropy(logits.view(-1, logits.shape[-1]), targets.reshape(-1))

    def derivative(self, of, times=None, create_graph=False):
        return self.torch.autograd.grad(of, self.params, grad_outputs=times, create_graph=create_graph)

    def dot(self, a, b):
        return sum((x * y).sum() if x.requires_grad else self.torch.dot(x.reshape(-1), y.reshape(-1))
                   for x, y in zip(a, b))

    def directions(self, g_f, g_r):
        """-beta u_f and -beta u_r; differentiable when the gradients are."""
        n_f, n_r = self.dot(g_f, g_f).sqrt(), self.dot(g_r, g_r).sqrt()
        s, c = self.dot(g_f, g_r) / (n_f * n_r), -self.beta / (n_f * n_r)
        combine = lambda a, b, weight: [x * c - y * weight for x, y in zip(a, b)]
        return combine(g_r, g_f, c * s * n_r / n_f), combine(g_f, g_r, c * s * n_f / n_r)

    def detached(self, vector):
        return [x.detach() for x in vector]

    def grad(self):
        return self.derivative(self.loss(self.forget))

    def hvp(self):
        g = self.derivative(self.loss(self.forget), create_graph=True)
        return self.detached(g), self.derivative(g, self.direction)

    def hvp_func(self):
        func = self.torch.func
        names = [name for name, _ in self.model.named_parameters()]
        theta = dict(zip(names, self.detached(self.params)))
        return func.jvp(func.grad(lambda p: self.loss(self.forget, p)), (theta,),
                        (dict(zip(names, self.direction)),))

    def gradphi(self):
        g_f = self.derivative(self.loss(self.forget), create_graph=True)
        g_r = self.derivative(self.loss(self.retain), create_graph=True)
        to_f, to_r = self.directions(self.detached(g_f), self.detached(g_r))
        total = self.detached(g_f)
        h = self.derivative(g_f, to_f)
        del g_f, to_f
        self.torch._foreach_add_(total, h)
        h = self.derivative(g_r, to_r)
        self.torch._foreach_add_(total, h)
        return total

    def gradphi_lean(self):
        g_r = self.derivative(self.loss(self.retain))
        g_f = self.derivative(self.loss(self.forget), create_graph=True)
        to_f, to_r = self.directions(self.detached(g_f), g_r)
        total = self.detached(g_f)
        h = self.derivative(g_f, to_f)
        del g_f, g_r, to_f
        self.torch._foreach_add_(total, h)
        del h
        g_r = self.derivative(self.loss(self.retain), create_graph=True)
        self.torch._foreach_add_(total, self.derivative(g_r, to_r))
        return total

    def outer(self):
        g_f = self.derivative(self.loss(self.forget), create_graph=True)
        g_r = self.derivative(self.loss(self.retain), create_graph=True)
        to_f, to_r = self.directions(g_f, g_r)
        parts = [g_f, self.derivative(g_f, to_f, create_graph=True), self.derivative(g_r, to_r, create_graph=True)]
        v = [2 * self.rho * (a + b + c) for a, b, c in zip(*map(self.detached, parts))]
        total = self.detached(g_r)
        del g_f, g_r, to_f, to_r
        h = self.derivative([x for part in parts for x in part], v * 3)
        self.torch._foreach_add_(total, h)
        return total


def busy_seconds():
    """CPU seconds spent by the whole machine, and by this process."""
    with open("/proc/stat") as f:
        ticks = [int(t) for t in f.readline().split()[1:]]
    own = os.times()
    return sum(ticks[i] for i in (0, 1, 2, 5, 6, 7)) / os.sysconf("SC_CLK_TCK"), own.user + own.system


def timed(operation, args):
    """(median seconds, least seconds, cores that others used meanwhile) over the least disturbed repeats.

    A repeat starts when the machine is quiet, for which it waits at most `--wait` seconds in all; one that was
    disturbed all the same is done again, at most twice.
    """
    def others_during(work):
        machine, own = busy_seconds()
        start = time.perf_counter()
        work()
        seconds = time.perf_counter() - start
        machine_after, own_after = busy_seconds()
        return max(0.0, (machine_after - machine) - (own_after - own)) / seconds, seconds

    samples, give_up = [], time.monotonic() + args.wait
    while len(samples) < 3 * args.repeats:
        while time.monotonic() < give_up and others_during(lambda: time.sleep(0.5))[0] > QUIET:
            pass
        samples.append(others_during(operation))
        samples.sort()
        if len(samples) >= args.repeats and samples[args.repeats - 1][0] <= QUIET or time.monotonic() > give_up + 60:
            break
    if len(samples) < args.repeats:  # too noisy for too long
        samples += [others_during(operation) for _ in range(args.repeats - len(samples))]
    kept = samples[: args.repeats]
    return (statistics.median(t for _, t in kept), min(t for _, t in samples),
            round(statistics.mean(o for o, _ in kept), 3))


def measure(args):
    """Runs one operation with one attention and prints {seconds, ...} or {error}."""
    if args.device == "cpu":  # a GPU's driver reserves far more than it uses
        resource.setrlimit(resource.RLIMIT_DATA, (args.memory_limit,) * 2)
    with open("/proc/self/oom_score_adj", "w") as f:
        f.write("1000")  # if the machine runs out after all, this process goes first
    import torch
    import transformers
    from torch.nn.attention import SDPBackend, sdpa_kernel

    before = resident_bytes()
    result = {"version": torch.__version__, "transformers": transformers.__version__, "import_resident_bytes": before}
    any_backend = [SDPBackend.FLASH_ATTENTION, SDPBackend.EFFICIENT_ATTENTION, SDPBackend.MATH]
    try:
        step = Step(args)
        operation = getattr(step, args.operation)

        def work():
            operation()
            if args.device == "cuda":
                torch.cuda.synchronize()

        with sdpa_kernel(any_backend if args.attention == "sdpa" else [SDPBackend.MATH]):
            work()
            median, least, others = timed(work, args)
        result |= {"seconds": median, "least_seconds": least, "other_cores": others,
                   "peak_resident_bytes": resident_bytes()}
        if args.device == "cuda":
            result |= {"gpu": torch.cuda.get_device_name(), "peak_gpu_bytes": torch.cuda.max_memory_allocated()}
    except (RuntimeError, MemoryError, NotImplementedError) as error:
        lines = [line.strip() for line in str(error).splitlines() if line.strip()]
        result["error"] = (lines or [type(error).__name__])[0][:300]
        if "allocate memory" in str(error) or isinstance(error, MemoryError):
            result["error"] = f"out of memory at {resident_bytes() / 2**30:.1f} GiB resident"
    print(json.dumps(result))


# --- in the parent process --------------------------------------------------------------------------------------

def available_bytes():
    with open("/proc/meminfo") as f:
        fields = dict(line.split(":") for line in f)
    return int(fields["MemAvailable"].split()[0]) * 1024


def in_child(args, operation, attention):
    command = [sys.executable, __file__, "--shape", args.shape, "--batch", str(args.batch), "--seq", str(args.seq),
               "--repeats", str(args.repeats), "--threads", str(args.threads), "--operation", operation,
               "--attention", attention, "--device", args.device, "--wait", str(args.wait), "--memory-limit", str(args.memory_limit or int(0.8 * available_bytes()))]
    environment = os.environ | {"OMP_NUM_THREADS": str(args.threads)} | ({"CUDA_VISIBLE_DEVICES": ""} if args.device == "cpu" else {})
    if args.allocator == "tuned":
        environment |= TUNED_ALLOCATOR
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    if done.returncode == 0 and done.stdout.strip():
        return json.loads(done.stdout.strip().splitlines()[-1])
    if done.returncode < 0:
        return {"error": f"killed by signal {-done.returncode} (out of memory)" if done.returncode == -9 else
                f"killed by signal {-done.returncode}"}
    return {"error": (done.stderr.strip().splitlines() or ["no output"])[-1][:300]}


def report(args, operation):
    wanted = ATTENTIONS[operation] if args.attention == "auto" else (args.attention,)
    runs = {attention: in_child(args, operation, attention) for attention in wanted}
    worked = {attention: run for attention, run in runs.items() if "error" not in run}
    attention = min(worked, key=lambda a: worked[a]["seconds"]) if worked else wanted[0]
    run = runs[attention]
    line = {"peer": "pytorch", "version": run.get("version"), "transformers": run.get("transformers"),
            "device": run.get("gpu", args.device), "peak_gpu_bytes": run.get("peak_gpu_bytes"),
            "shape": args.shape, "batch": args.batch, "seq": args.seq, "operation": operation,
            "seconds": run.get("seconds"), "peak_resident_bytes": run.get("peak_resident_bytes"),
            "import_resident_bytes": run.get("import_resident_bytes"), "threads": args.threads,
            "repeats": args.repeats, "least_seconds": run.get("least_seconds"), "other_cores": run.get("other_cores"), "allocator": args.allocator, "attention": attention if worked else None,
            "tried": {a: {k: r[k] for k in ("seconds", "other_cores", "peak_resident_bytes", "error") if k in r}
                      for a, r in runs.items()}}
    if not worked:
        line["reason"] = run["error"]
    print(json.dumps(line), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--shape", choices=SHAPES, default="tiny")
    parser.add_argument("--batch", type=int)
    parser.add_argument("--seq", type=int)
    parser.add_argument("--repeats", type=int)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--operations", default=",".join(DEFAULT_OPERATIONS), help="comma-separated")
    parser.add_argument("--attention", choices=("auto", "eager", "sdpa-math", "sdpa"), default="auto")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu", help="cuda: float32 products, as they are by default")
    parser.add_argument("--allocator", choices=("default", "tuned"), default="default")
    parser.add_argument("--wait", type=float, default=60, help="seconds to wait for a quiet machine, per measurement")
    parser.add_argument("--memory-limit", type=int, help="bytes a measurement may allocate (default: 80%% of what is free)")
    parser.add_argument("--json", action="store_true", help="accepted for symmetry with ofmu-gpu; output is always JSON lines")
    parser.add_argument("--operation", help=argparse.SUPPRESS)
    args = parser.parse_args()
    shape = SHAPES[args.shape]
    for key in ("batch", "seq", "repeats"):
        if getattr(args, key) is None:
            setattr(args, key, shape[key])
    if args.operation:
        return measure(args)
    operations = args.operations.split(",")
    unknown = [o for o in operations if o not in ATTENTIONS]
    if unknown:
        parser.error(f"unknown operation {unknown[0]!r}; there are {', '.join(ATTENTIONS)}")
    for operation in operations:
        report(args, operation)


if __name__ == "__main__":
    main()
