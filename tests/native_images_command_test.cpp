// Images of one's own as the sub-commands take them: arrays, IDX files, folders of pictures.
#include "catch.h"
#include "refusals.h"

using namespace inoculate;

namespace {

std::string text_labels(const Labels& labels) {
  std::string text;
  for (const int label : labels) text += std::to_string(label) + "\n";
  return text;
}

/// The .npy file of the data set's pixels as NumPy writes bytes [N, 28, 28].
Bytes byte_array(const Dataset& data) {
  std::string header = "{'descr': '|u1', 'fortran_order': False, 'shape': (" +
                       std::to_string(data.size()) + ", 28, 28), }";
  header.resize(117, ' ');
  const std::string head = std::string("\x93NUMPY\1\0v\0", 10) + header + "\n";
  Bytes file(head.begin(), head.end());
  file.insert(file.end(), data.pixels.begin(), data.pixels.end());
  return file;
}

/// The pixels divided by 255, as floats [N, 1, 28, 28].
Bytes float_array(const Dataset& data) {
  std::vector<float> values;
  for (std::size_t p = 0; p < data.pixels.size(); ++p) values.push_back(pixel(data, p));
  return write_npy(values, {data.size(), 1, 28, 28});
}

Bytes png_of(const Dataset& data, int i) {
  const auto begin = data.pixels.begin() + i * std::ptrdiff_t{784};
  Canvas canvas(28, 28, {});
  canvas.blit(GreyImage{28, 28, {begin, begin + 784}}, {0, 0, 28, 28});
  return write_png(canvas);
}

/// Writes the pictures to folder/0.png, 1.png and so on, or to folder/<label>/0.png.
void write_pictures(const std::string& folder, const Dataset& data, bool by_class) {
  for (int i = 0; i < data.size(); ++i) {
    const std::string place =
        by_class ? folder + "/" + std::to_string(data.labels[static_cast<std::size_t>(i)]) : folder;
    fs::create_directories(place);
    write_whole_file(place + "/" + std::to_string(i) + ".png", png_of(data, i));
  }
}

/// A folder with the small test images in every form, made once.
const TemporaryFolder& own_images() {
  static const TemporaryFolder folder;
  static const bool written = [] {
    const Dataset data = small_test();
    const Bytes idx = write_idx_images({data.size(), 28, 28, data.pixels});
    write_whole_file(folder / "bytes.npy", byte_array(data));
    write_whole_file(folder / "floats.npy", float_array(data));
    write_whole_file(folder / "idx", idx);
    write_whole_file(folder / "idx.gz", gzip(idx));
    write_pictures(folder / "flat", data, false);
    write_pictures(folder / "classes", data, true);
    write_whole_file(folder / "labels.txt", text_labels(data.labels));
    write_whole_file(folder / "labels.idx", write_idx_labels(data.labels));
    return true;
  }();
  (void)written;
  return folder;
}

Arguments own(const std::string& command, const std::string& images,
              const std::string& labels = "") {
  Arguments arguments{command, "--model", golden_model(), "--images", own_images() / images};
  if (!labels.empty()) arguments = with(arguments, {"--labels", own_images() / labels});
  return arguments;
}

}  // namespace

TEST_CASE("images of one's own are read as the same data set is, in every form", "[command]") {
  const Json as_data = json_of(golden("evaluate"));
  struct Form {
    const char* images;
    const char* labels;
  };
  for (const Form& form : {Form{"bytes.npy", "labels.txt"}, Form{"floats.npy", "labels.idx"},
                           Form{"idx", "labels.txt"}, Form{"idx.gz", "labels.idx"},
                           Form{"flat", "labels.txt"}, Form{"classes", ""}}) {
    CAPTURE(form.images);
    CHECK(json_of(own("evaluate", form.images, form.labels)) == as_data);
  }
}

TEST_CASE("--start and --count choose from images of one's own, and predict names them",
          "[command]") {
  const Arguments some{"--start", "3", "--count", "40"};
  const Json as_data = json_of(with(golden("predict"), some)).at("predictions");
  const auto check = [&](const std::string& images, const std::string& labels, const auto& name) {
    CAPTURE(images);
    Json predictions = json_of(with(own("predict", images, labels), some)).at("predictions");
    REQUIRE(predictions.size() == 40);
    for (std::size_t i = 0; i < 40; ++i) {
      CHECK(predictions[i].at("image") == name(i));
      CHECK(predictions[i].at("label") == as_data[i].at("label"));
      CHECK(predictions[i].at("top") == as_data[i].at("top"));
    }
  };
  const auto place = [](std::size_t i) { return std::to_string(i + 3); };
  check("bytes.npy", "labels.txt",
        [&](std::size_t i) { return own_images() / "bytes.npy" + "[" + place(i) + "]"; });
  // By number: 10.png comes after 9.png.
  check("flat", "labels.txt", [&](std::size_t i) { return place(i) + ".png"; });
  // And wherever it lies, so that the first images are of all classes.
  check("classes", "", [&](std::size_t i) {
    return std::to_string(as_data[i].at("label").get<int>()) + "/" + place(i) + ".png";
  });
}

TEST_CASE("predict and attack take images without labels", "[command]") {
  const Json predictions = json_of(own("predict", "floats.npy"));
  CHECK(predictions.at("n") == 10);
  CHECK_FALSE(predictions.at("predictions")[0].contains("label"));
  Arguments attack = own("attack", "floats.npy");
  attack.insert(attack.begin() + 1, "fgsm");
  CHECK(json_of(with(attack, {"--count", "20"})).at("n") == 20);
}

TEST_CASE("attack and robustness judge images of one's own as the same data set", "[command]") {
  const Arguments some{"--count", "30"};
  Arguments attack = own("attack", "bytes.npy", "labels.txt");
  attack.insert(attack.begin() + 1, "fgsm");
  const Json mine = json_of(with(attack, some)), as_data = json_of(fgsm(some));
  for (const char* key : {"clean", "adversarial", "stored", "perturbation"}) {
    CHECK(mine.at(key) == as_data.at(key));
  }
  const Arguments suite = with(some, {"--attacks", "fgsm"});
  const TemporaryFolder folder;
  const Json judged = json_of(
      with(own("robustness", "idx", "labels.idx"), with(suite, {"--report", folder / "report"})));
  CHECK(judged.at("models")[0].at("worst_case") ==
        json_of(with(golden("robustness"), suite)).at("models")[0].at("worst_case"));
  const Bytes page = read_whole_file(folder / "report/index.html");
  const std::string text(page.begin(), page.end());
  CHECK(contains(text, " --images " + (own_images() / "idx") + " --labels "));
  CHECK_FALSE(contains(text, "--data"));
  CHECK_FALSE(contains(text, "test image"));
}

TEST_CASE("fine-tune makes its adversaries from images of one's own", "[command]") {
  const TemporaryFolder folder;
  std::vector<std::int32_t> indices;
  for (int i = 0; i < 100; ++i) indices.push_back(7 * i + 2);
  const Dataset others = sample_images(indices);
  write_whole_file(folder / "others.npy", byte_array(others));
  write_whole_file(folder / "labels.txt", text_labels(others.labels));
  const auto tune = [&](const std::string& images, const std::string& labels) {
    return json_of(with(golden("fine-tune"),
                        {"--epochs", "1", "--count", "64", "--out", folder / "m.safetensors",
                         "--images", images, "--labels", labels}));
  };
  const Json held_out = tune(folder / "others.npy", folder / "labels.txt");
  CHECK(held_out.at("held_out") == true);
  check_evaluation(held_out.at("trained_on"), 64);
  check_evaluation(held_out.at("after").at("clean"), kSmallTest);
  // Those that it is scored on are known again, whatever file they come in.
  CHECK(tune(own_images() / "floats.npy", own_images() / "labels.idx").at("held_out") == false);
  const Arguments refused = with(golden("fine-tune"), {"--out", folder / "m.safetensors"});
  check_refused(folder, with(refused, {"--images", folder / "others.npy"}), 2, {"--labels"});
  check_refused(folder, with(refused, {"--images", own_images() / "classes", "--from", "test"}), 2,
                {"--images", "--from"});
  write_whole_file(folder / "ten.txt", text_labels(Labels(100, 10)));
  check_refused(folder,
                with(refused, {"--images", folder / "others.npy", "--labels", folder / "ten.txt"}),
                1, {"label number 0 is 10"});
}

TEST_CASE("images of one's own that are laid out otherwise are warned of", "[command]") {
  const TemporaryFolder folder;
  Dataset inverted = small_test();
  for (std::uint8_t& level : inverted.pixels) level = static_cast<std::uint8_t>(255 - level);
  write_whole_file(folder / "inverted.npy", byte_array(inverted));
  const Json json = json_of({"evaluate", "--model", golden_model(), "--images",
                             folder / "inverted.npy", "--labels", own_images() / "labels.txt"});
  REQUIRE(json.contains("warnings"));
  CHECK(contains(json.at("warnings")[0].get<std::string>(), "inverted"));
}

TEST_CASE("larger pictures of a folder are prepared, small grey ones taken as they are",
          "[command]") {
  const TemporaryFolder folder;
  fs::create_directories(folder / "set/1");
  write_whole_file(folder / "set/1/0.png", small_png());
  // A dark stroke on light ground: a picture to prepare, were it not of a data set.
  Canvas canvas(28, 28, {255, 255, 255});
  canvas.fill_rect({13, 4, 2, 20}, {0, 0, 0});
  write_whole_file(folder / "set/1/1.png", write_png(canvas));
  write_whole_file(folder / "set/1/.hidden", std::string("no picture"));
  const Json predictions =
      json_of({"predict", "--model", golden_model(), "--images", folder / "set"}).at("predictions");
  REQUIRE(predictions.size() == 2);
  CHECK(predictions[0].at("prepared") == "dark ink on light ground");
  CHECK(predictions[1].at("prepared") == "as it is");
}

TEST_CASE("images of one's own without what a command needs are refused", "[command]") {
  const TemporaryFolder folder;
  const auto write = [&](const std::string& name, const std::string& content) {
    write_whole_file(folder / name, content);
    return folder / name;
  };
  const std::string idx = own_images() / "idx", labels = own_images() / "labels.txt";
  const auto refused = [&](const std::string& command, const Arguments& rest, int code,
                           const std::vector<std::string>& words) {
    CAPTURE(command);
    const Arguments start = command == "attack"
                                ? Arguments{"attack", "fgsm", "--model", golden_model()}
                                : Arguments{command, "--model", golden_model()};
    check_refused(folder, with(start, rest), code, words);
  };

  for (const char* command : {"evaluate", "robustness"}) {
    refused(command, {"--images", idx}, 2, {idx, "--labels"});
  }
  const std::string ten = write("ten.txt", text_labels(Labels(kSmallTest, 10)));
  for (const char* command : {"predict", "evaluate", "robustness", "attack"}) {
    refused(command, {"--images", idx, "--labels", ten}, 1,
            {ten, "label number 0 is 10", "only 10 classes, 0 to 9"});
    refused(command, {"--images", idx, "--data", small_data()}, 2, {"--images", "--data"});
    refused(command, {"--images", ""}, 2, {"--images", "empty"});
    refused(command, {"--labels", labels}, 2, {"--labels", "--images"});
  }
  refused("predict", {"--images", idx, "seven.png"}, 2, {"--images", "pictures"});
  refused("predict", {"--images", idx, "--count", "201"}, 2, {"--count 201", "only 200 images"});
  refused("predict", {"--images", idx, "--start", "200"}, 2, {"--start 200", "only 200 images"});

  const std::string few = write("few.txt", "1\n2\n");
  refused("predict", {"--images", idx, "--labels", few}, 1,
          {few, "holds 2 labels", idx, "holds 200 images"});
  refused("predict", {"--images", idx, "--labels", write("words.txt", "1\nseven\n")}, 1,
          {"line 2 is 'seven'"});
  refused("predict", {"--images", folder / "none"}, 1, {"none", "No such file"});
  refused("predict", {"--images", labels}, 1, {labels, "is text, not a .npy or IDX file"});
  refused("predict", {"--images", own_images() / "flat/0.png"}, 1,
          {"is a PNG picture", "give the folder of pictures"});
  write_whole_file(folder / "wide.idx", write_idx_images({2, 28, 32, ByteBuffer(2 * 28 * 32)}));
  refused("predict", {"--images", folder / "wide.idx"}, 1, {"[2, 28, 32]", "[N, 28, 28]"});
  std::vector<float> unscaled(784, 0);
  unscaled[400] = 255;
  write_whole_file(folder / "unscaled.npy", write_npy(unscaled, {1, 28, 28}));
  refused("predict", {"--images", folder / "unscaled.npy"}, 1, {"reach 255", "divide by 255"});
}

TEST_CASE("folders that are no sets of pictures are refused", "[command]") {
  const TemporaryFolder folder;
  const auto refused = [&](const std::string& name, const Arguments& rest, int code,
                           const std::vector<std::string>& words) {
    CAPTURE(name);
    check_refused(folder,
                  with({"predict", "--model", golden_model(), "--images", folder / name}, rest),
                  code, words);
  };
  for (const char* path : {"empty", "mixed/3", "names/seven", "deep/7/more", "class/7", "text"}) {
    fs::create_directories(folder / path);
  }
  for (const char* path : {"mixed/0.png", "names/seven/0.png", "class/7/0.png", "text/0.png"}) {
    write_whole_file(folder / path, small_png());
  }
  write_whole_file(folder / "text/notes.txt", std::string("no picture\n"));
  write_whole_file(folder / "labels.txt", std::string("7\n"));
  // Class 2 is called 7 there, and class 7 is called 2.
  write_whole_file(folder / "reversed.txt", std::string("9\n8\n7\n6\n5\n4\n3\n2\n1\n0\n"));
  refused("class", {"--classes", folder / "reversed.txt"}, 1,
          {"class: its folders ('7' ...)", "numbers of others", "--labels"});
  refused("empty", {}, 1, {"empty: holds no pictures"});
  refused("mixed", {}, 1, {"'0.png'", "'3'", "one folder a class"});
  refused("names", {}, 1, {"names: its 1 folders ('seven' ...)", "10 classes", "--labels"});
  refused("deep", {}, 1, {"more: is a folder in a class's folder"});
  refused("text", {}, 1, {"notes.txt"});
  refused("class", {"--labels", folder / "labels.txt"}, 2, {"leave --labels out"});
}
