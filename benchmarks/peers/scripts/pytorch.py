"""The same sweep in PyTorch: the data in memory as tensors, batches by index, channels last, fused Adam.

Needs torch and numpy only."""

from __future__ import annotations

import math
import time

STARTED = time.perf_counter()

import torch  # noqa: E402
from torch import nn  # noqa: E402
from torch.nn import functional as F  # noqa: E402

from benchmarks.peers.scripts.common import EVALUATION_BATCH, PARTS, Scores, Training, imported, read  # noqa: E402
from benchmarks.peers.scripts.torch_networks import build  # noqa: E402

IMPORT_S = imported(STARTED)


def main() -> None:
    """Train every arm with every seed."""
    case, arrays = read()
    data = {name: torch.from_numpy(value) for name, value in arrays.items()}
    for part in PARTS:
        data[f"x_{part}"] = data[f"x_{part}"].permute(0, 3, 1, 2)  # channels last in memory, which is the faster way on a CPU
    scores = Scores()
    for arm in case["arms"]:
        for seed in case["seeds"]:
            torch.manual_seed(seed)
            scores.add(arm["name"], trained(build(arm, case), arm, case, data))
    scores.tell(STARTED, IMPORT_S, ("torch", "numpy"))


def trained(model: nn.Module, arm: dict, case: dict, data: dict[str, torch.Tensor]) -> Training:
    """Train for the case's epochs, each of which ends with an evaluation of the validation part where there is one, and score."""
    optimizer, kernels = adam(model, arm)
    total = case["epochs"] * math.ceil(case["examples"] / arm["batch_size"])
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, total) if arm["schedule"] == "cosine" else None
    steps = evaluated = 0
    for _ in range(case["epochs"]):
        model.train()
        for rows in torch.randperm(case["examples"]).split(arm["batch_size"]):
            loss = F.cross_entropy(model(augmented(data["x_train"][rows], arm)), data["y_train"][rows])
            if arm["l1"]:
                loss = loss + arm["l1"] * sum(kernel.abs().sum() for kernel in kernels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            if schedule is not None:
                schedule.step()
            steps += 1
        evaluated += evaluate(model, data, "validation")[0]
    seen, (tested, accuracy) = evaluate(model, data, "sample")[0], evaluate(model, data, "test")
    return Training(accuracy, steps, evaluated + seen + tested, *sizes(model))


def adam(model: nn.Module, arm: dict) -> tuple[torch.optim.Optimizer, list[nn.Parameter]]:
    """Adam and the kernels; the gradient of λ·Σw² is 2λw, which is Adam's weight decay of 2λ on the kernels."""
    learned = [value for value in model.parameters() if value.requires_grad]
    kernels, others = ([value for value in learned if (value.dim() > 1) is wanted] for wanted in (True, False))
    groups = [{"params": kernels, "weight_decay": 2 * arm["l2"]}, {"params": others}]
    return torch.optim.Adam(groups, lr=arm["learning_rate"], eps=1e-7, fused=True), kernels


def augmented(images: torch.Tensor, arm: dict) -> torch.Tensor:
    """Mirror each image at random, then rotate and shift it in one bilinear pass."""
    count, size = len(images), images.shape[-1]
    if arm["flip_horizontal"]:
        mirrored = torch.rand(count, 1, 1, 1) < arm["flip_horizontal"]
        images = torch.where(mirrored, images.flip(-1), images)
    if not (arm["rotate_degrees"] or arm["shift_px"]):
        return images
    angle = torch.deg2rad(arm["rotate_degrees"] * (2 * torch.rand(count) - 1))
    cos, sin = angle.cos(), angle.sin()
    moved = 2 * arm["shift_px"] / size * (2 * torch.rand(count, 2) - 1)
    theta = torch.stack([cos, -sin, moved[:, 0], sin, cos, moved[:, 1]], dim=1).view(count, 2, 3)
    return F.grid_sample(images, F.affine_grid(theta, list(images.shape), align_corners=False), align_corners=False)


@torch.inference_mode()
def evaluate(model: nn.Module, data: dict[str, torch.Tensor], part: str) -> tuple[int, float]:
    """How many examples of a part were evaluated, by loss and answer, and the share of right answers."""
    model.eval()
    x, y = data[f"x_{part}"], data[f"y_{part}"]
    loss, right = 0.0, 0
    for images, labels in zip(x.split(EVALUATION_BATCH), y.split(EVALUATION_BATCH)) if len(y) else ():
        logits = model(images)
        loss += float(F.cross_entropy(logits, labels, reduction="sum"))
        right += int((logits.argmax(1) == labels).sum())
    return len(y), right / max(len(y), 1)


def sizes(model: nn.Module) -> tuple[int, int]:
    """The numbers of trainable parameters, and of all of them with moving averages."""
    averages = [value for name, value in model.named_buffers() if not name.endswith("num_batches_tracked")]
    learned = sum(value.numel() for value in model.parameters() if value.requires_grad)
    return learned, sum(value.numel() for value in (*model.parameters(), *averages))


if __name__ == "__main__":
    main()
