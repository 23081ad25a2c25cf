// Pictures with a fault.
#include "catch.h"
#include "refusals.h"

using namespace inoculate;

namespace {

/// small_png() that says it is `width` x `height`, with a checksum that agrees.
Bytes png_of_size(std::uint32_t width, std::uint32_t height) {
  Bytes png = small_png();
  put_be32(png, 16, width);
  put_be32(png, 20, height);
  put_be32(png, 29, static_cast<std::uint32_t>(crc32(0, png.data() + 12, 17)));
  return png;
}

}  // namespace

TEST_CASE("A picture with a fault is refused, and the file named", "[command]") {
  const std::vector<FileFault> faults = {
      {"an empty file", [] { return Bytes(); }, {"is empty"}},
      {"a text file", [] { return bytes_of("a drawing"); }, {"is text", "GIF and PNM are read"}},
      {"a WebP", [] { return bytes_of("RIFF1234WEBPVP8 "); }, {"is a WebP picture", "convert it"}},
      {"nothing that is known",
       [] {
         return Bytes{1, 2, 3};
       },
       {"not a picture of a known kind"}},
      {"the start of a JPEG",
       [] { return Bytes{0xFF, 0xD8, 0xFF, 0xE0, 0, 16, 'J', 'F', 'I', 'F'}; },
       {"damaged JPEG"}},
      {"the start of a BMP",
       [] { return Bytes{'B', 'M', 9, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0}; },
       {"damaged BMP", "its end is missing"}},
      {"the start of a GIF",
       [] { return bytes_of("GIF89a  "); },
       {"damaged GIF", "its end is missing"}},
      {"the start of a PNM",
       [] { return bytes_of("P5 28 28 255 ..."); },
       {"damaged PNM", "its end is missing"}},
      {"a BMP of 70000 columns",
       [] {
         Bytes bmp = bytes_of("BM");
         bmp.resize(54);
         bmp[10] = 54;
         bmp[14] = 40;
         bmp[18] = 0x70, bmp[19] = 0x11, bmp[20] = 1;
         bmp[22] = bmp[26] = 1;
         bmp[28] = 24;
         return bmp;
       },
       {"70000 x 1 pixels", "16384"}},
      {"a PNG packed by gzip", [] { return gzip(small_png()); }, {"is compressed by gzip"}},
      {"a PNG's signature and nothing else", [] { return part_of(small_png(), 8); }, {"damaged"}},
      {"half of a PNG", [] { return part_of(small_png(), small_png().size() / 2); }, {"damaged"}},
      {"a PNG without its end",
       [] { return part_of(small_png(), small_png().size() - 12); },
       {"damaged"}},
      {"a PNG with a bit turned over in its pixels",
       [] {
         Bytes png = small_png();
         png[png.size() - 12 - 4 - 8] ^= 1;
         return png;
       },
       {"damaged"}},
      {"a PNG that says it is 2147483647 x 2147483647",
       [] { return png_of_size(0x7FFFFFFF, 0x7FFFFFFF); },
       {}},
      {"a PNG that says it is 100000 x 100000",
       [] { return png_of_size(100'000, 100'000); },
       {"100000 x 100000"}},
      {"a PNG that says it is 16385 x 40", [] { return png_of_size(16385, 40); }, {"16385 x 40"}},
      {"a PNG that says it is 0 x 40", [] { return png_of_size(0, 40); }, {"damaged"}},
      {"a PNG that says it is taller than its pixels",
       [] { return png_of_size(40, 4096); },
       {"damaged"}},
  };
  const TemporaryFolder folder;
  write_whole_file(folder / "good.png", small_png());
  write_whole_file(folder / "old.npy", "old logits");
  const auto predict = [&](const std::string& picture) -> Arguments {
    return {"predict", "--model",  golden_model(), "good.png",
            picture,   "--logits", "old.npy",      "--json"};
  };
  for (const FileFault& fault : faults) {
    DYNAMIC_SECTION(fault.name) {
      const std::string path = folder / "bad.png";
      write_whole_file(path, fault.bytes());
      std::vector<std::string> words = fault.words;
      words.push_back(path);
      check_refused(folder, predict(path), 1, words);
    }
  }
  SECTION("no such picture") {
    check_refused(folder, predict("none.png"), 1, {"none.png", "No such file"});
  }
  SECTION("a folder where a picture should be") {
    check_refused(folder, predict(folder.path().string()), 1, {folder.path().string()});
  }
}
