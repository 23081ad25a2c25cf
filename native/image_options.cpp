#include "native/image_options.h"

#include "native/commands.h"
#include "native/pictures.h"

namespace inoculate {

void add_image_options(CLI::App& command, ImageOptions& options) {
  CLI::Option* pictures =
      command.add_option("pictures", options.pictures,
                         "PNG pictures instead of a data set; one that is no 28x28 digit as MNIST "
                         "has them is prepared as MNIST was");
  add_data_option(command, options.data);
  command.get_option("--data")->excludes(pictures);
  command.add_option("--split", options.split, "Which images: test or train")
      ->check(CLI::IsMember({"test", "train"}))
      ->excludes(pictures)
      ->capture_default_str();
  command.add_option("--start", options.start, "The first image, counted from 0")
      ->check(CLI::Range(0, kMostImages))
      ->excludes(pictures)
      ->capture_default_str();
  add_count_option(command, options.count, "How many images").excludes(pictures);
}

LabelledImages load_images(const ImageOptions& options) {
  if (!options.pictures.empty()) return {read_pictures(options.pictures).images, {}};
  const Dataset all =
      load_split(find_data(options.data), options.split == "test" ? Split::kTest : Split::kTrain);
  return all_images(select(all, options.start, options.count));
}

}  // namespace inoculate
