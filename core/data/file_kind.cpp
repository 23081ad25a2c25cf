#include "data/file_kind.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/error.h"

namespace inoculate {
namespace {

using namespace std::string_view_literals;

constexpr std::size_t kLookedAt = 1024;  // of text, which has no signature
constexpr const char* kUnpack = "unpack it and name the file in it";
constexpr const char* kToSafetensors =
    "store the weights by safetensors.torch.save_file (PyTorch) or safetensors.numpy.save_file "
    "(Keras) and turn them by inoculate convert --from";

struct Signature {
  std::string_view bytes;
  std::size_t offset;
  const char* name;
  const char* advice;
};

constexpr std::array kSignatures{
    Signature{"version https://git-lfs.github.com/"sv, 0,
              "a Git LFS pointer, which only stands for the file",
              "fetch the file itself with git lfs pull"},
    Signature{"\x89PNG\r\n\x1a\n"sv, 0, "a PNG picture", ""},
    Signature{"\xff\xd8\xff"sv, 0, "a JPEG picture", ""},
    Signature{"GIF8"sv, 0, "a GIF picture", ""},
    Signature{"II*\0"sv, 0, "a TIFF picture", ""},
    Signature{"MM\0*"sv, 0, "a TIFF picture", ""},
    Signature{"II+\0"sv, 0, "a TIFF picture", ""},
    Signature{"MM\0+"sv, 0, "a TIFF picture", ""},
    Signature{"WEBP"sv, 8, "a WebP picture", ""},
    Signature{"ftypavi"sv, 4, "an AVIF picture", ""},
    Signature{"ftyphei"sv, 4, "a HEIC picture", ""},
    Signature{"ftyphev"sv, 4, "a HEIC picture", ""},
    Signature{"ftypmif1"sv, 4, "a HEIC picture", ""},
    Signature{"ftypmsf1"sv, 4, "a HEIC picture", ""},
    Signature{"ftypcrx"sv, 4, "a CR3 picture, raw from a camera", ""},
    Signature{"ftyp"sv, 4, "a video", ""},
    Signature{"\0\0\0\x0cjP  \r\n"sv, 0, "a JPEG 2000 picture", ""},
    Signature{"\xff\x4f\xff\x51"sv, 0, "a JPEG 2000 picture", ""},
    Signature{"\0\0\0\x0cJXL "sv, 0, "a JPEG XL picture", ""},
    Signature{"\xff\x0a"sv, 0, "a JPEG XL picture", ""},
    Signature{"8BPS"sv, 0, "a PSD picture (Photoshop)", ""},
    Signature{"gimp xcf"sv, 0, "an XCF picture (GIMP)", ""},
    Signature{"v/1\x01"sv, 0, "an OpenEXR picture", ""},
    Signature{"#?RADIANCE"sv, 0, "a Radiance HDR picture", ""},
    Signature{"qoif"sv, 0, "a QOI picture", ""},
    Signature{"DICM"sv, 128, "a DICOM picture", ""},
    Signature{"P7\n"sv, 0, "a PAM picture", ""},
    Signature{"PF\n"sv, 0, "a PFM picture", ""},
    Signature{"Pf\n"sv, 0, "a PFM picture", ""},
    Signature{"%!PS"sv, 0, "a PostScript document", ""},
    Signature{"%PDF-"sv, 0, "a PDF document", ""},
    Signature{"\x93NUMPY"sv, 0, "a NumPy array (.npy)", ""},
    Signature{"\x89HDF\r\n\x1a\n"sv, 0, "an HDF5 file (such as Keras's .h5)", kToSafetensors},
    Signature{"\x1f\x8b"sv, 0, "compressed by gzip", kUnpack},
    Signature{"BZh"sv, 0, "compressed by bzip2", kUnpack},
    Signature{"\xfd"
              "7zXZ\0"sv,
              0, "compressed by xz", kUnpack},
    Signature{"\x28\xb5\x2f\xfd"sv, 0, "compressed by zstd", kUnpack},
    Signature{"7z\xbc\xaf\x27\x1c"sv, 0, "a 7z archive", kUnpack},
    Signature{"Rar!\x1a\x07"sv, 0, "a RAR archive", kUnpack},
    Signature{"ustar"sv, 257, "a tar archive", kUnpack},
    Signature{"TFL3"sv, 4, "a TensorFlow Lite model", kToSafetensors},
    Signature{"PAR1"sv, 0, "a Parquet table", ""},
};

std::string_view as_text(ByteView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// A ZIP archive by the name of its first entry, which stands 30 bytes behind its start.
FileKind zip_kind(std::string_view text) {
  constexpr std::size_t kLengthAt = 26, kNameAt = 30;
  std::string_view entry;
  if (text.size() > kNameAt) {
    const std::size_t length = static_cast<std::uint8_t>(text[kLengthAt]) +
                               std::size_t{256} * static_cast<std::uint8_t>(text[kLengthAt + 1]);
    entry = text.substr(kNameAt, length);
  }
  if (entry.ends_with(".npy")) {
    return {"a ZIP archive of NumPy arrays (.npz)", "write each array by numpy.save"};
  }
  if (entry.ends_with("/data.pkl") || entry.ends_with("/byteorder") ||
      entry.ends_with("/.format_version") || entry == "data.pkl") {
    return {"a PyTorch file (.pt, .pth), pickled", kToSafetensors};
  }
  if (entry == "metadata.json" || entry == "config.json") {
    return {"a Keras archive (.keras)", kToSafetensors};
  }
  return {"a ZIP archive", kUnpack};
}

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

bool is_pnm(std::string_view text) {
  return text.size() > 2 && text[0] == 'P' && text[1] >= '1' && text[1] <= '6' &&
         (is_blank(text[2]) || text[2] == '#');
}

/// Bytes without a signature of their own.
std::optional<FileKind> binary_kind(ByteView bytes) {
  const auto at = [&](std::size_t i) { return i < bytes.size() ? bytes[i] : 0; };
  if (bytes.size() >= 2 && at(0) == 0x80 && at(1) >= 2 && at(1) <= 5) {
    return FileKind{
        "a Python pickle (such as PyTorch's .pt), which is never opened here since that "
        "runs what is in it",
        kToSafetensors};
  }
  if (bytes.size() >= 14 && at(0) == 'B' && at(1) == 'M' &&
      load_le<std::uint32_t>(bytes.subspan(6)) == 0) {
    return FileKind{"a BMP picture", ""};
  }
  if (bytes.size() >= 6 && at(0) == 0 && at(1) == 0 && at(2) == 1 && at(3) == 0 && at(4) != 0) {
    return FileKind{"an ICO picture", ""};
  }
  if (bytes.size() >= 4 && at(0) == 0 && at(1) == 0 && at(2) >= 0x08 && at(2) <= 0x0E &&
      at(3) >= 1 && at(3) <= 4) {
    return FileKind{"an IDX file", ""};
  }
  // Its first field is the version of the format; then comes the producer, the graph or the opset.
  if (at(0) == 0x08 && at(1) >= 1 && at(1) <= 20 &&
      (at(2) == 0x12 || at(2) == 0x3A || at(2) == 0x42)) {
    return FileKind{"an ONNX model", "such networks are attacked and judged, but not trained"};
  }
  if (bytes.size() > 8 && at(8) == '{') {
    const auto length = load_le<std::uint64_t>(bytes);
    if (length >= 2 && length <= 100'000'000) return FileKind{"a safetensors file", ""};
  }
  return std::nullopt;
}

bool is_text(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return is_blank(c) || static_cast<std::uint8_t>(c) >= 0x80 || (c >= ' ' && c != 0x7F);
  });
}

std::optional<FileKind> text_kind(std::string_view text) {
  text = text.substr(0, kLookedAt);
  if (text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff")) {
    return FileKind{"text in UTF-16", ""};
  }
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  if (!is_text(text)) return std::nullopt;
  while (!text.empty() && is_blank(text[0])) text.remove_prefix(1);
  if (text.starts_with("/* XPM */")) return FileKind{"an XPM picture", ""};
  std::string lower(text.substr(0, 14));
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  for (const std::string_view start : {"<!doctype html", "<html", "<head", "<body"}) {
    if (lower.starts_with(start)) {
      return FileKind{"an HTML page, probably a server's answer in place of the file",
                      "fetch the file itself"};
    }
  }
  if (lower.starts_with("<svg") ||
      (text.starts_with('<') && text.find("<svg") != std::string_view::npos)) {
    return FileKind{"an SVG picture", ""};
  }
  if (lower.starts_with("<?xml") || lower.starts_with("<error")) {
    return FileKind{"an XML document, perhaps a server's answer in place of the file",
                    "fetch the file itself"};
  }
  if (text.starts_with('{') || text.starts_with('[')) return FileKind{"JSON", ""};
  const std::string_view line = text.substr(0, text.find('\n'));
  if (std::count(line.begin(), line.end(), ',') >= 2) return FileKind{"a table in text (CSV)", ""};
  return FileKind{"text", ""};
}

}  // namespace

std::optional<FileKind> file_kind(ByteView bytes) {
  const std::string_view text = as_text(bytes);
  for (const Signature& s : kSignatures) {
    if (text.size() >= s.offset && text.substr(s.offset).starts_with(s.bytes)) {
      return FileKind{s.name, s.advice};
    }
  }
  if (text.starts_with("PK\3\4"sv) || text.starts_with("PK\5\6"sv)) return zip_kind(text);
  if (is_pnm(text)) return FileKind{"a PNM picture", ""};
  if (const auto kind = binary_kind(bytes)) return kind;
  return text_kind(text);
}

void refuse_known_kind(ByteView bytes, const std::string& name, const std::string& wanted,
                       const std::string& advice) {
  const std::optional<FileKind> kind = file_kind(bytes);
  if (!kind) return;
  const std::string& todo = kind->advice.empty() ? advice : kind->advice;
  throw Error(name + ": is " + kind->name + ", not " + wanted + (todo.empty() ? "" : "; " + todo));
}

}  // namespace inoculate
