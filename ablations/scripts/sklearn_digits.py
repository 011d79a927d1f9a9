"""A classifier of scikit-learn on its digits; tells its score and its answers by dlbench.track, which works without dlbench too."""

import argparse

from sklearn.datasets import load_digits
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import train_test_split

from dlbench import track


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--trees", type=int, default=50)
    parser.add_argument("--depth", type=int, default=0, help="0: no limit")
    parser.add_argument("--features", type=float, default=0.125)
    args = parser.parse_args()
    images, labels = load_digits(return_X_y=True)
    x_train, x_test, y_train, y_test = train_test_split(images, labels, test_size=0.5, random_state=0, stratify=labels)
    track.prove(data=x_train, evaluation=x_test)
    model = RandomForestClassifier(args.trees, max_depth=args.depth or None, max_features=args.features, random_state=args.seed)
    model.fit(x_train, y_train)
    predicted = model.predict(x_test)
    track.examples(predictions=predicted, labels=y_test)
    track.score(accuracy=(predicted == y_test).mean())


if __name__ == "__main__":
    main()
