#include "native/read_picture.h"

#include <array>
#include <cstddef>
#include <string_view>

#include "base/error.h"
#include "data/file_kind.h"
#include "native/bmp.h"
#include "native/files.h"
#include "native/gif.h"
#include "native/jpeg.h"
#include "native/png.h"
#include "native/pnm.h"

namespace inoculate {
namespace {

// A reader of files whose pictures have nothing but pixels.
template <ColorPicture (*kRead)(ByteView, const std::string&)>
ReadPicture plain(ByteView bytes, const std::string& name) {
  return {kRead(bytes, name), ""};
}

struct Format {
  std::string_view kind;  // as file_kind names it
  ReadPicture (*read)(ByteView bytes, const std::string& name);
};
constexpr std::array kFormats{
    Format{"a PNG picture", plain<read_png>}, Format{"a JPEG picture", plain<read_jpeg>},
    Format{"a BMP picture", plain<read_bmp>}, Format{"a GIF picture", read_gif},
    Format{"a PNM picture", read_pnm},
};
constexpr const char* kRead = "PNG, JPEG, BMP, GIF and PNM are read";

}  // namespace

ReadPicture read_picture(ByteView bytes, const std::string& name) {
  if (bytes.empty()) throw Error("'" + name + "' is empty; give a whole picture");
  const auto kind = file_kind(bytes);
  if (!kind) throw Error("'" + name + "' is not a picture of a known kind; " + kRead);
  for (const Format& format : kFormats) {
    if (kind->name == format.kind) return format.read(bytes, name);
  }
  const bool picture = kind->name.find(" picture") != std::string::npos;
  const std::string advice = !kind->advice.empty() ? kind->advice
                             : picture             ? "convert it to one of them first"
                                                   : "give one of them";
  throw Error("'" + name + "' is " + kind->name + "; " + kRead + ": " + advice);
}

ReadPicture read_picture_file(const std::filesystem::path& path) {
  constexpr std::size_t kLargestFile = std::size_t{1} << 28;
  return read_picture(read_file(path, kLargestFile), path.string());
}

}  // namespace inoculate
