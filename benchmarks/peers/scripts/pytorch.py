"""The same sweep in PyTorch: the data in memory as tensors, batches by index, channels last, fused Adam.

Needs torch and numpy only."""

from __future__ import annotations

import math
import time

STARTED = time.perf_counter()

import torch  # noqa: E402
from common import EVALUATION_BATCH, Scores, imported, read  # noqa: E402
from torch import nn  # noqa: E402
from torch.nn import functional as F  # noqa: E402

IMPORT_S = imported(STARTED)


def main() -> None:
    """Train every arm with every seed."""
    case, arrays = read()
    data = {name: torch.from_numpy(value) for name, value in arrays.items()}
    for name in ("x_train", "x_test"):
        data[name] = data[name].permute(0, 3, 1, 2)  # channels last in memory, which is the faster way on a CPU
    scores = Scores()
    for arm in case["arms"]:
        for seed in case["seeds"]:
            torch.manual_seed(seed)
            model = build(arm, case)
            steps = train(model, arm, case, data)
            scores.add(arm["name"], accuracy(model, data["x_test"], data["y_test"]), steps)
    scores.tell(STARTED, IMPORT_S, ("torch", "numpy"))


def build(arm: dict, case: dict) -> nn.Module:
    """An arm's model; kernels start as Keras starts them, uniform after Glorot."""
    channels, size = case["shape"][-1], case["shape"][0]
    if case["model"] == "small_cnn":
        stack = [*convolution(arm, channels, 16, 1, first=True), nn.MaxPool2d(2), *convolution(arm, 16, 32, 1),
                 *convolution(arm, 32, 32, 1), nn.Flatten(), nn.Linear(32 * (size // 2) ** 2, 64)]
    else:
        side = ((size - 2) // 2 - 2) // 2 - 2
        stack = [*convolution(arm, channels, 32, 0, first=True), nn.MaxPool2d(2), *convolution(arm, 32, 64, 0), nn.MaxPool2d(2),
                 *convolution(arm, 64, 64, 0), nn.Flatten(), nn.Linear(64 * side**2, 64)]
    drop = [nn.Dropout(arm["dropout"])] if arm["dropout"] else []
    model = nn.Sequential(*stack, nn.ReLU(inplace=True), *drop, nn.Linear(64, case["classes"]))
    for name, value in model.named_parameters():
        if value.dim() > 1:
            nn.init.xavier_uniform_(value)
        elif name.endswith("bias"):
            nn.init.zeros_(value)
    return model.to(memory_format=torch.channels_last)


def convolution(arm: dict, inputs: int, filters: int, padding: int, first: bool = False) -> list[nn.Module]:
    """A convolution with its activation, separable and normalised as the arm says."""
    if arm["separable"] and not first:
        stack = [nn.Conv2d(inputs, inputs, 3, padding=padding, groups=inputs, bias=False), nn.Conv2d(inputs, filters, 1)]
    else:
        stack = [nn.Conv2d(inputs, filters, 3, padding=padding)]
    norm = [nn.BatchNorm2d(filters, eps=1e-3)] if arm["normalization"] == "batch" else []
    return [*stack, *norm, nn.ReLU(inplace=True)]


def train(model: nn.Module, arm: dict, case: dict, data: dict[str, torch.Tensor]) -> int:
    """Train for the case's epochs; returns the number of steps."""
    optimizer, kernels = adam(model, arm)
    total = case["epochs"] * math.ceil(case["examples"] / arm["batch_size"])
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, total) if arm["schedule"] == "cosine" else None
    steps = 0
    model.train()
    for _ in range(case["epochs"]):
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
    return steps


def adam(model: nn.Module, arm: dict) -> tuple[torch.optim.Optimizer, list[nn.Parameter]]:
    """Adam and the kernels; the gradient of λ·Σw² is 2λw, which is Adam's weight decay of 2λ on the kernels."""
    kernels = [value for value in model.parameters() if value.dim() > 1]
    others = [value for value in model.parameters() if value.dim() <= 1]
    groups = [{"params": kernels, "weight_decay": 2 * arm["l2"]}, {"params": others}]
    return torch.optim.Adam(groups, lr=arm["learning_rate"], eps=1e-7, fused=True), kernels


def augmented(images: torch.Tensor, arm: dict) -> torch.Tensor:
    """Rotate and shift each image at random, in one bilinear pass."""
    if not (arm["rotate_degrees"] or arm["shift_px"]):
        return images
    count, size = len(images), images.shape[-1]
    angle = torch.deg2rad(arm["rotate_degrees"] * (2 * torch.rand(count) - 1))
    cos, sin = angle.cos(), angle.sin()
    moved = 2 * arm["shift_px"] / size * (2 * torch.rand(count, 2) - 1)
    theta = torch.stack([cos, -sin, moved[:, 0], sin, cos, moved[:, 1]], dim=1).view(count, 2, 3)
    return F.grid_sample(images, F.affine_grid(theta, list(images.shape), align_corners=False), align_corners=False)


@torch.inference_mode()
def accuracy(model: nn.Module, x: torch.Tensor, y: torch.Tensor) -> float:
    """Share of right answers."""
    model.eval()
    batches = zip(x.split(EVALUATION_BATCH), y.split(EVALUATION_BATCH))
    return float(sum((model(images).argmax(1) == labels).sum() for images, labels in batches)) / len(y)


if __name__ == "__main__":
    main()
