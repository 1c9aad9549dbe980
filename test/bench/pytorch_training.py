"""The training step of `npm run bench -- training` in PyTorch: same network, batch, losses and optimiser.

Reads one JSON document a line from stdin and answers each with one on stdout. The first is the settings (network, classes, batch, precision,
threads, rate, momentum, weightDecay, betaRateFactor, labelSmoothing); then {"steps": n}, answered with the milliseconds of each step's parts.
Eager mode, channels_last, as many threads as cores.
"""

import json
import sys
import time

import torch
import torch.nn.functional as F
from torch import nn


class Conv(nn.Module):
    """Convolution without bias, padded as TensorFlow's SAME where the size asks for more than a symmetric padding gives."""

    def __init__(self, into, out, kernel, stride, bias=False):
        super().__init__()
        self.conv = nn.Conv2d(into, out, kernel, stride, padding=(kernel - 1) // 2, bias=bias)
        self.kernel, self.stride = kernel, stride

    def forward(self, x):
        for size in x.shape[2:]:
            wanted = -(-size // self.stride)
            if (size + 2 * self.conv.padding[0] - self.kernel) // self.stride + 1 != wanted:
                total = max(0, (wanted - 1) * self.stride + self.kernel - size)
                low = total // 2
                pad = F.pad(x, (low, total - low, low, total - low))
                return F.conv2d(pad, self.conv.weight, self.conv.bias, self.stride)
        return self.conv(x)


def batch_norm(channels):
    """BatchNorm whose scale is not trained."""
    norm = nn.BatchNorm2d(channels, eps=1e-5, momentum=0.1)
    norm.weight.requires_grad_(False)
    return norm


class Residual(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.a, self.na = Conv(channels, channels, 3, 1), batch_norm(channels)
        self.b, self.nb = Conv(channels, channels, 3, 1), batch_norm(channels)

    def forward(self, x):
        h = F.relu(self.na(self.a(x)))
        return F.relu(self.nb(self.b(h)) + x)


def units(specs, channels):
    """The units one after another, and the channels they hand on."""
    made = []
    for spec in specs:
        if spec["kind"] == "residual":
            made.append(Residual(channels))
            continue
        if spec["kind"] == "whiten":
            conv = Conv(channels, spec["out"], spec["kernel"], spec["stride"], bias=True)
            for parameter in conv.parameters():
                parameter.requires_grad_(False)
            made.append(conv)
        else:
            made.append(Conv(channels, spec["out"], spec["kernel"], spec["stride"]))
            if "pool" in spec:
                made.append(nn.MaxPool2d(spec["pool"]))
            made += [batch_norm(spec["out"]), nn.ReLU(inplace=True)]
        channels = spec["out"]
    return nn.Sequential(*made), channels


class Anytime(nn.Module):
    """All stages of the network and a head after each."""

    def __init__(self, network, classes):
        super().__init__()
        self.takes = [stage["takes"] for stage in network["stages"]]
        frames, trunks, heads = [], [], []
        channels = 0
        for stage in network["stages"]:
            frame, seen = units(stage["frame"], 3)
            takes = stage["takes"]
            into = channels if takes == "activations" else seen if takes == "frame" else seen + channels
            trunk, channels = units(stage["trunk"], into)
            frames.append(frame)
            trunks.append(trunk)
            heads.append(nn.Linear(channels, classes))
        self.frames, self.trunks, self.heads = map(nn.ModuleList, (frames, trunks, heads))

    def forward(self, frame):
        """frame [b,3,h,w] -> logits of each exit [b,classes]"""
        logits, x = [], None
        for takes, own, trunk, head in zip(self.takes, self.frames, self.trunks, self.heads):
            if takes == "frame":
                x = own(frame)
            elif takes == "both":
                x = torch.cat([own(frame), x], 1)
            x = trunk(x)
            logits.append(head(x.float().mean((2, 3))))
        return logits


def main():
    settings = json.loads(sys.stdin.readline())
    torch.set_num_threads(settings["threads"])
    torch.manual_seed(1)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    network, batch, classes = settings["network"], settings["batch"], settings["classes"]
    height, width = network["input"]["height"], network["input"]["width"]
    model = Anytime(network, classes).to(device, memory_format=torch.channels_last)
    betas = [m.bias for m in model.modules() if isinstance(m, nn.BatchNorm2d)]
    is_beta = {id(beta) for beta in betas}
    others = [p for p in model.parameters() if p.requires_grad and id(p) not in is_beta]
    rate, decay, factor = settings["rate"], settings["weightDecay"], settings["betaRateFactor"]
    optimiser = torch.optim.SGD(
        [{"params": others}, {"params": betas, "lr": rate * factor, "weight_decay": decay / factor}],
        lr=rate, momentum=settings["momentum"], weight_decay=decay, nesterov=True, fused=True,
    )
    averaged = [p for p in [*others, *betas]]
    averages = [p.detach().clone() for p in averaged]
    pixels = torch.randint(0, 256, (4 * batch, 3, height, width), dtype=torch.uint8)
    labels = torch.arange(4 * batch) % classes
    is_half = settings["precision"] == "bfloat16"

    def now():
        if device == "cuda":
            torch.cuda.synchronize()
        return time.perf_counter() * 1000

    def step():
        t0 = now()
        picked = torch.randperm(4 * batch)[:batch]
        x = ((pixels[picked].float() / 255 - 0.5) / 0.25).to(device).contiguous(memory_format=torch.channels_last)
        y = labels[picked].to(device)
        t1 = now()
        with torch.autocast(device, dtype=torch.bfloat16, enabled=is_half):
            logits = model(x)
        losses = [F.cross_entropy(z.float(), y, label_smoothing=settings["labelSmoothing"]) for z in logits]
        loss = sum(losses)
        loss.item()
        t2 = now()
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        t3 = now()
        optimiser.step()
        with torch.no_grad():
            torch._foreach_lerp_(averages, [p.detach() for p in averaged], 0.01)
        t4 = now()
        return {"data": t1 - t0, "forward": t2 - t1, "backward": t3 - t2, "optimiser": t4 - t3}

    for _ in range(3):
        step()
    answer({"version": torch.__version__, "parameters": sum(p.numel() for p in [*others, *betas])})
    for line in sys.stdin:
        answer([step() for _ in range(json.loads(line)["steps"])])


def answer(document):
    print(json.dumps(document), flush=True)


if __name__ == "__main__":
    main()
