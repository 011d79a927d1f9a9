"""Numbers that an engine of a fuzzer gives, each once."""


class Unseen:
    """Numbers as bytes, each once, for engines make many bytes of one number: 1,076 of 6,000 by hypothesis are 0.

    Where a number was taken before, the next one that was not takes its place, and is given again for the same bytes where it failed.
    """

    def __init__(self):
        self.following, self.last, self.failing = {}, None, {}

    def __call__(self, data):
        if data in self.failing:
            return self.failing[data]
        number = first = int.from_bytes(data)
        while number in self.following:
            number = self.following[number]
        self.following[number] = self.following[first] = number + 1
        self.last = data
        return number.to_bytes(max(len(data), number.bit_length() // 8 + 1))

    def failed(self, data):
        """Remember that the number given last has failed, so that the engine which tries its bytes again sees it fail again."""
        self.failing[self.last] = data
