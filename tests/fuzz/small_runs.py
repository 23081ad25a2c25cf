"""A part of a judgement and a sweep, as seeds."""

import base64
import struct

PART = {
    "inoculate": "part of a judgement",
    "format": 1,
    "build": "inoculate 0.1.0",
    "shard": 1,
    "labels": [7, 2],
    "run": {
        "attacks": "fgsm",
        "cascade": False,
        "certify": "",
        "curve": True,
        "epsilon": 0.3,
        "images": 2,
        "images' fingerprint": "bd52508bcf75bd84",
        "models": [
            {
                "class names": [],
                "classes": 10,
                "file": "663415725329b896",
                "gives": "gradients",
                "input": [1, 2, 1],
                "notes": "",
                "promised accuracy": 0.9888,
            }
        ],
        "norm": "linf",
        "preprocess": {},
        "purify": "",
        "purify-restarts": 4,
        "purify-steps": 60,
        "quantise": False,
        "seed": 1,
        "shards": 1,
        "version": "0.1.0",
    },
    "told": {
        "classes": "",
        "count": 2,
        "data": "mnist",
        "images": "",
        "labels": "",
        "models": ["a.safetensors"],
        "purify": "",
    },
    "signs": [
        {
            "better": None,
            "looks": {"dead": 0, "fgsm": 2, "n": 2, "pgd": 2, "pgd further": 2, "probabilities": False},
        }
    ],
    "models": [
        {
            "judged": 2,
            "read": "11",
            "epsilons withstood": [2, 3],
            "attacks": [
                {
                    "attack": "fgsm",
                    "beyond range": 0.0,
                    "distances": [0.25],
                    "fooled": "10",
                    "forward": [0, 0],
                    "furthest": 0.25,
                    "gradient": [1, 1],
                    "seconds": 0.01,
                    "stored": "10",
                }
            ],
            "sheets": [
                [
                    {
                        "original": base64.urlsafe_b64encode(struct.pack("<2f", 0, 1)).decode().rstrip("="),
                        "adversary": base64.urlsafe_b64encode(struct.pack("<2f", 0.25, 0.75)).decode().rstrip("="),
                        "confidence before": 1.0,
                        "confidence after": 0.9,
                        "label": 7,
                        "read before": 7,
                        "read after": 3,
                    }
                ]
            ],
        }
    ],
}
SWEEP = {
    "folder": "runs",
    "grid": {"seed": [1, 2], "method": ["pgd", "mixed-batch"]},
    "adversarial-train": {"method": "{method}", "epsilon": 0.1, "seed": "{seed}"},
    "robustness": {"attacks": "quick", "cascade": True},
}
