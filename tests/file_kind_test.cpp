// Files recognised by their first bytes.
#include "data/file_kind.h"

#include "base/error.h"
#include "catch.h"
#include "data/gzip.h"
#include "data/idx.h"
#include "data/npy.h"
#include "data/safetensors.h"
#include "refusal_of.h"

using namespace inoculate;

namespace {

using namespace std::string_literals;

Bytes bytes_of(const std::string& text) { return {text.begin(), text.end()}; }

/// The start of a ZIP archive whose first entry has this name.
std::string zip(const std::string& entry) {
  std::string text = "PK\3\4"s + std::string(22, '\0');
  text += static_cast<char>(entry.size());
  return text + std::string(3, '\0') + entry + "content";
}

struct Sample {
  std::string bytes;
  std::string name;  ///< a part of what it is called
};

std::vector<Sample> samples() {
  return {
      {"<!DOCTYPE html>\n<title>404</title>", "HTML"},
      {"\n  <HTML><body>", "HTML"},
      {"\xef\xbb\xbf<!doctype HTML>", "HTML"},
      {"<?xml version=\"1.0\"?><Error>AccessDenied</Error>", "XML"},
      {"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9912422\n", "Git LFS"},
      {zip("t10k-images-idx3-ubyte"), "ZIP archive"},
      {zip("x_train.npy"), ".npz"},
      {zip("archive/data.pkl"), "PyTorch"},
      {zip("metadata.json"), "Keras"},
      {"\x89HDF\r\n\x1a\n\0\0"s, "HDF5"},
      {"\x80\x02}q\0(X\x0c"s, "pickle"},
      {"\x80\x04\x95\x10"s, "pickle"},
      {"label,1x1,1x2,1x3\n7,0,0,0\n", "CSV"},
      {"7,0,0,0,255\n", "CSV"},
      {"{\"layers\": []}", "JSON"},
      {"these are no weights at all\n", "text"},
      {"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR"s, "PNG"},
      {"\xff\xd8\xff\xe0\0\x10JFIF"s, "JPEG"},
      {"GIF89a\1\0", "GIF"},
      {"BM\x36\0\0\0\0\0\0\0\x36\0\0\0"s, "BMP"},
      {"P5\n28 28\n255\n", "PNM"},
      {"\x1f\x8b\x08\0"s, "gzip"},
      {"BZh91AY", "bzip2"},
      {"\xfd"s + "7zXZ\0\0"s, "xz"},
      {"\x28\xb5\x2f\xfd\x04"s, "zstd"},
      {"7z\xbc\xaf\x27\x1c", "7z"},
      {std::string(257, 'a') + "ustar\0"s, "tar"},
      {"\x93NUMPY\1\0", "NumPy"},
      {"\0\0\x08\x03\0\0\0\1"s, "IDX"},
      {"\x10\0\0\0\0\0\0\0{\"a\":"s, "safetensors"},
      {"\x08\x07\x12\x07pytorch"s, "ONNX"},
      {"\x08\x0a\x3a\x20"s, "ONNX"},
  };
}

}  // namespace

TEST_CASE("Files are recognised by their first bytes", "[file_kind]") {
  for (const Sample& sample : samples()) {
    const auto kind = file_kind(bytes_of(sample.bytes));
    INFO(sample.name);
    REQUIRE(kind);
    INFO(kind->name);
    CHECK(kind->name.find(sample.name) != std::string::npos);
  }
  CHECK(!file_kind({}));
  CHECK(!file_kind(bytes_of("\0\1\2\3\4\5"s)));
  CHECK(!file_kind(Bytes(100, 0)));
}

TEST_CASE("Every prefix of a file can be looked at", "[file_kind]") {
  for (const Sample& sample : samples()) {
    for (std::size_t size = 0; size <= sample.bytes.size(); ++size) {
      // A copy of its own, so that a sanitizer sees a look beyond its end.
      const Bytes prefix = bytes_of(sample.bytes.substr(0, size));
      file_kind(ByteView(prefix.data(), prefix.size()));
    }
  }
}

TEST_CASE("Readers of something else name what they were given", "[file_kind]") {
  for (const Sample& sample : samples()) {
    const Bytes bytes = bytes_of(sample.bytes);
    const auto check = [&](const std::string& own, const std::function<void()>& read) {
      if (sample.name == own) return;
      const std::string refusal = refusal_of(read);
      INFO(refusal);
      CHECK(refusal.starts_with("data: is "));
      CHECK(refusal.find(sample.name) != std::string::npos);
      CHECK(refusal.find("; ") != std::string::npos);
    };
    if (sample.name != "gzip") check("IDX", [&] { parse_idx_images(bytes, "data"); });
    check("safetensors", [&] { parse_safetensors(bytes, "data"); });
    check("NumPy", [&] { parse_npy(bytes, "data"); });
    check("gzip", [&] { gunzip(bytes, "data", 1000); });
  }
}
