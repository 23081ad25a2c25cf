// Data sets with a fault, or that are not there.
#include "catch.h"
#include "refusals.h"

using namespace inoculate;

namespace {

/// The same for one file of a data set.
struct DataFault {
  std::string name;
  std::string file;
  std::function<Bytes(const Bytes& good)> change;
  std::vector<std::string> words;
};

const std::string kImages = "t10k-images-idx3-ubyte";
const std::string kLabels = "t10k-labels-idx1-ubyte";

}  // namespace

TEST_CASE("A data set with a fault is refused, and its file named", "[command]") {
  const std::vector<DataFault> faults = {
      {"images cut short", kImages, [](const Bytes& b) { return part_of(b, b.size() - 100); }, {}},
      {"labels cut short", kLabels, [](const Bytes& b) { return part_of(b, b.size() - 1); }, {}},
      {"images cut within their header",
       kImages,
       [](const Bytes& b) { return part_of(b, 10); },
       {}},
      {"an empty file of images", kImages, [](const Bytes&) { return Bytes(); }, {"0 bytes"}},
      {"an empty file of labels", kLabels, [](const Bytes&) { return Bytes(); }, {"0 bytes"}},
      {"images with a wrong magic number",
       kImages,
       [](Bytes b) {
         b[2] = 0x0D;
         return b;
       },
       {"0x00000d03"}},
      {"labels where images should be",
       kImages,
       [](const Bytes&) {
         return write_idx_labels({1, 2, 3});
       },
       {"labels", "images"}},
      {"a text file where labels should be",
       kLabels,
       [](const Bytes&) { return bytes_of("<html>404 Not Found</html>"); },
       {}},
      {"bytes after the last image",
       kImages,
       [](Bytes b) {
         b.push_back(0);
         return b;
       },
       {"1 bytes after"}},
      {"fewer labels than images",
       kLabels,
       [](const Bytes&) { return write_idx_labels(Labels(kSmallTest - 1, 3)); },
       {"199 labels", "200 images"}},
      {"a count of four thousand million images",
       kImages,
       [](Bytes b) {
         put_be32(b, 4, 0xFFFFFFFF);
         return b;
       },
       {"4294967295"}},
      {"sizes whose product is beyond all bounds",
       kImages,
       [](Bytes b) {
         for (const std::size_t at : {4U, 8U, 12U}) put_be32(b, at, 0xFFFFFFFF);
         return b;
       },
       {}},
      {"a set of no images",
       kImages,
       [](Bytes b) {
         put_be32(b, 4, 0);
         return part_of(b, 16);
       },
       {"no images"}},
      {"a label above 9",
       kLabels,
       [](Bytes b) {
         b[8 + 17] = 10;
         return b;
       },
       {"label number 17 is 10"}},
      {"images of 27 x 28 pixels",
       kImages,
       [](const Bytes&) {
         return write_idx_images({kSmallTest, 27, 28, ByteBuffer(kSmallTest * 27 * 28)});
       },
       {"27x28", "28x28"}},
      {"a gzip file of text",
       kImages,
       [](const Bytes&) { return gzip(bytes_of("this is no IDX file")); },
       {}},
      {"a gzip file cut short",
       kImages,
       [](const Bytes& b) {
         const Bytes packed = gzip(b);
         return part_of(packed, packed.size() / 2);
       },
       {}},
      {"a gzip file with a bit turned over",
       kImages,
       [](const Bytes& b) {
         Bytes packed = gzip(b);
         packed[packed.size() / 2] ^= 0x10;
         return packed;
       },
       {}},
      {"a gzip file that unpacks to half a gigabyte",
       kImages,
       [](const Bytes&) {
         const Bytes member = gzip(Bytes(std::size_t{32} << 20));
         Bytes all;
         for (int i = 0; i < 16; ++i) all.insert(all.end(), member.begin(), member.end());
         return all;
       },
       {}},
  };
  for (const DataFault& fault : faults) {
    DYNAMIC_SECTION(fault.name) {
      const TemporaryFolder folder;
      put_old_output(folder);
      const std::string data = folder / "data";
      fs::create_directory(data);
      write_split(data, "t10k", small_test());
      const std::string path = data + "/" + fault.file;
      write_whole_file(path, fault.change(read_whole_file(path)));
      std::vector<std::string> words = fault.words;
      words.push_back(path);
      check_refused(folder, attack(golden_model(), data), 1, words);
    }
  }
}

TEST_CASE("Data that is not there is missed by name", "[command]") {
  const TemporaryFolder folder;
  put_old_output(folder);
  fs::create_directory(folder / "empty");
  SECTION("no such folder") {
    check_refused(folder, attack(golden_model(), folder / "none"), 1, {folder / "none"});
  }
  SECTION("no such folder in INOCULATE_DATA") {
    CommandSettings settings;
    settings.environment["INOCULATE_DATA"] = folder / "none";
    check_refused(folder, {"evaluate", "--model", golden_model()}, 1, {folder / "none"}, settings);
  }
  SECTION("nothing given, and no data/mnist here") {
    check_refused(folder, {"evaluate", "--model", golden_model()}, 1, {"data/mnist", "--data"});
  }
  SECTION("a folder without the files") {
    check_refused(folder, attack(golden_model(), folder / "empty"), 1, {kImages});
  }
  SECTION("a file where the folder should be") {
    check_refused(folder, attack(golden_model(), folder / "old.npy"), 1, {folder / "old.npy"});
  }
  SECTION("a folder where a file should be") {
    fs::create_directory(folder / ("empty/" + kImages));
    write_whole_file(folder / ("empty/" + kLabels), write_idx_labels({1}));
    check_refused(folder, attack(golden_model(), folder / "empty"), 1,
                  {kImages, "no such file", "it holds"});
  }
  SECTION("only the test images, where training images are wanted") {
    write_split(folder / "empty", "t10k", small_test());
    check_refused(folder, {"train", "--data", folder / "empty", "--out", folder / "new"}, 1,
                  {"train-images-idx3-ubyte"});
  }
}
