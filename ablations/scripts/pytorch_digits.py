"""A small network on scikit-learn's digits, in PyTorch, as people write it: argparse, a seed, one line of output an epoch."""

import argparse

import numpy as np
import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--lr", type=float, default=1e-3)
    parser.add_argument("--dropout", type=float, default=0.0)
    parser.add_argument("--weight-decay", type=float, default=0.0)
    parser.add_argument("--cosine", action="store_true")
    parser.add_argument("--shift", action="store_true", help="move each image by up to a pixel")
    return parser.parse_args()


def shifted(images):
    down, right = torch.randint(-1, 2, (2,)).tolist()
    return torch.roll(images, (down, right), (2, 3))


def main():
    args = arguments()
    torch.manual_seed(args.seed)
    torch.set_num_threads(1)
    images, labels = load_digits(return_X_y=True)
    images = (images / 16).astype(np.float32).reshape(-1, 1, 8, 8)
    parts = train_test_split(images, labels, test_size=0.5, random_state=0, stratify=labels)
    x_train, x_test, y_train, y_test = map(torch.from_numpy, parts)

    model = nn.Sequential(nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Dropout(args.dropout),
                          nn.Linear(256, 64), nn.ReLU(), nn.Linear(64, 10))
    optimizer = torch.optim.AdamW(model.parameters(), args.lr, weight_decay=args.weight_decay)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, args.epochs) if args.cosine else None
    for epoch in range(1, args.epochs + 1):
        model.train()
        for batch in torch.randperm(len(x_train)).split(32):
            inputs = shifted(x_train[batch]) if args.shift else x_train[batch]
            loss = nn.functional.cross_entropy(model(inputs), y_train[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        if scheduler:
            scheduler.step()
        model.eval()
        with torch.no_grad():
            answers = model(x_test)
        right = int((answers.argmax(1) == y_test).sum())
        loss = nn.functional.cross_entropy(answers, y_test)
        print(f"Epoch {epoch}: Test set: Average loss: {loss:.4f}, Accuracy: {right}/{len(y_test)} ({100 * right / len(y_test):.0f}%)")


if __name__ == "__main__":
    main()
