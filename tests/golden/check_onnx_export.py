"""Makes onnx_export.json and onnx_export.safetensors: what onnxruntime says of networks that inoculate has written.

    python -m venv venv && venv/bin/pip install -r requirements_onnx.txt
    venv/bin/python check_onnx_export.py --inoculate ../../build/native/inoculate --sample ../../build/sample
"""

import argparse
import json
import pathlib
import subprocess
import tempfile
import zlib

import numpy as np
import onnx
import onnxruntime

import formats

COUNT = 50  # images


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inoculate", required=True, help="the command")
    parser.add_argument("--sample", required=True, help="folder of the sample's IDX files")
    options = parser.parse_args()
    images, _, _ = formats.load_sample(options.sample)
    x = np.ascontiguousarray(images[:COUNT].transpose(0, 3, 1, 2))

    facts, logits = {"onnxruntime": onnxruntime.__version__}, {}
    for name, source in (("simple_cnn", "keras_simple_cnn.safetensors"), ("svm", "sklearn/svm.json")):
        with tempfile.TemporaryDirectory() as folder:
            out = pathlib.Path(folder) / "a.onnx"
            subprocess.run([options.inoculate, "convert", formats.path(source), "--out", out], check=True)
            file = out.read_bytes()
        model = onnx.load_from_string(file)
        onnx.checker.check_model(model, full_check=True)
        assert model.producer_name == "inoculate" and model.metadata_props
        session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
        logits[name] = session.run(["logits"], {"image": x})[0]
        one_by_one = np.concatenate([session.run(None, {"image": x[i : i + 1]})[0] for i in range(COUNT)])
        assert np.abs(one_by_one - logits[name]).max() < 1e-5
        facts[name] = {"bytes": len(file), "crc32": zlib.crc32(file)}
    keras = np.load(formats.path("keras_logits.npy"))[:COUNT]
    print("simple_cnn, from Keras's logits:", np.abs(logits["simple_cnn"] - keras).max())
    decision = formats.read_safetensors("sklearn/answers.safetensors")["svm_decision"][:COUNT]
    print("svm, from scikit-learn's decision function:", np.abs(logits["svm"] - decision).max())
    formats.write_safetensors("onnx_export.safetensors", logits, {})
    pathlib.Path(formats.path("onnx_export.json")).write_text(json.dumps(facts, indent=1) + "\n")


if __name__ == "__main__":
    main()
