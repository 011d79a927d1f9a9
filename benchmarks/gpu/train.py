"""A network of PyTorch on made-up images, on the GPU where there is one; tells its scores by dlbench.track."""

from __future__ import annotations

import argparse
import os
import time

import torch
from torch import nn

from dlbench import track


def main() -> None:
    """Train for a number of steps, and tell the loss, the GPUs that this process sees and the seconds of a step."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--width", type=int, default=64)
    parser.add_argument("--steps", type=int, default=60)
    parser.add_argument("--any-algorithm", action="store_true", help="also those whose sums depend on the order of the device's threads")
    args = parser.parse_args()
    if not args.any_algorithm:
        os.environ["CUBLAS_WORKSPACE_CONFIG"] = ":4096:8"
        torch.use_deterministic_algorithms(True)
        torch.backends.cudnn.benchmark = False
    torch.manual_seed(args.seed)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    teacher = torch.randn(3 * 32 * 32, 10, generator=torch.Generator().manual_seed(1)).to(device)
    net = nn.Sequential(nn.Conv2d(3, args.width, 3, padding=1), nn.ReLU(), nn.Conv2d(args.width, args.width, 3, stride=2, padding=1),
                        nn.ReLU(), nn.AvgPool2d(4), nn.Flatten(), nn.Linear(16 * args.width, 10)).to(device)
    optimizer = torch.optim.SGD(net.parameters(), 0.05, momentum=0.9)
    started, loss = 0.0, torch.zeros(())
    for step in range(args.steps):
        if step == args.steps // 3:  # what comes before warms up
            _finish(device)
            started = time.perf_counter()
        images = torch.randn(128, 3, 32, 32, device=device)
        loss = nn.functional.cross_entropy(net(images), (images.flatten(1) @ teacher).argmax(1))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    _finish(device)
    step_s = (time.perf_counter() - started) / (args.steps - args.steps // 3)
    print(f"visible: {os.environ.get('CUDA_VISIBLE_DEVICES', 'all')}; torch sees {torch.cuda.device_count()}")
    track.score(loss=loss.item(), step_ms=1000 * step_s, gpus_seen=torch.cuda.device_count())


def _finish(device: str) -> None:
    if device == "cuda":
        torch.cuda.synchronize()


if __name__ == "__main__":
    main()
