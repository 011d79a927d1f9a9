"""MNIST in PyTorch, as the examples of PyTorch have it; it knows nothing of dlbench."""

import argparse

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn, optim
from torch.optim.lr_scheduler import StepLR


class Net(nn.Module):
    def __init__(self, dropout):
        super().__init__()
        self.fc1 = nn.Linear(784, 128)
        self.dropout = nn.Dropout(dropout)
        self.fc2 = nn.Linear(128, 10)

    def forward(self, x):
        x = torch.flatten(x, 1)
        x = self.dropout(F.relu(self.fc1(x)))
        return F.log_softmax(self.fc2(x), dim=1)


def train(args, model, images, labels, optimizer, epoch):
    model.train()
    for batch_idx, batch in enumerate(torch.randperm(len(images)).split(args.batch_size)):
        optimizer.zero_grad()
        loss = F.nll_loss(model(images[batch]), labels[batch])
        loss.backward()
        optimizer.step()
        if batch_idx % args.log_interval == 0:
            print(f"Train Epoch: {epoch} [{batch_idx * args.batch_size}/{len(images)}]\tLoss: {loss.item():.6f}")


def test(model, images, labels):
    model.eval()
    with torch.no_grad():
        output = model(images)
    test_loss = F.nll_loss(output, labels).item()
    correct = output.argmax(dim=1).eq(labels).sum().item()
    print(f"\nTest set: Average loss: {test_loss:.4f}, Accuracy: {correct}/{len(images)} ({100.0 * correct / len(images):.0f}%)\n")


def main():
    parser = argparse.ArgumentParser(description="PyTorch MNIST Example")
    parser.add_argument("--batch-size", type=int, default=64)
    parser.add_argument("--epochs", type=int, default=14)
    parser.add_argument("--lr", type=float, default=1.0)
    parser.add_argument("--gamma", type=float, default=0.7)
    parser.add_argument("--dropout", type=float, default=0.25)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--log-interval", type=int, default=100)
    args = parser.parse_args()
    torch.manual_seed(args.seed)
    torch.set_num_threads(1)
    data = np.load("mnist.npz")
    parts = [torch.from_numpy((data[f"x_{part}"] / 255 - 0.1307).astype(np.float32) / 0.3081) for part in ("train", "test")]
    answers = [torch.from_numpy(data[f"y_{part}"].astype(np.int64)) for part in ("train", "test")]
    model = Net(args.dropout)
    optimizer = optim.Adadelta(model.parameters(), lr=args.lr)
    scheduler = StepLR(optimizer, step_size=1, gamma=args.gamma)
    for epoch in range(1, args.epochs + 1):
        train(args, model, parts[0], answers[0], optimizer, epoch)
        test(model, parts[1], answers[1])
        scheduler.step()


if __name__ == "__main__":
    main()
