// Figure 10.1: the loss as a landscape, around weights and around an image.
#include <algorithm>
#include <cmath>

#include "native/chapter10/page.h"
#include "native/html.h"
#include "native/landscape_run.h"
#include "native/report_parts.h"
#include "native/text.h"

namespace inoculate {
namespace {

constexpr double kEpsilon = 0.3;

// The share of points within epsilon of the image that are read as another class.
double read_otherwise(const ImageLandscapes& l, std::size_t model) {
  int within = 0, wrong = 0;
  for (std::size_t i = 0; i < l.points[model].size(); ++i) {
    const int at = static_cast<int>(i);
    const double away = std::abs(grid_coordinate(at % l.side, l.side, l.range)) +
                        std::abs(grid_coordinate(at / l.side, l.side, l.range));
    if (away > l.epsilon * (1 + 1e-9)) continue;
    ++within;
    wrong += l.points[model][i].label != l.label ? 1 : 0;
  }
  return static_cast<double>(wrong) / within;
}

// The share of points with less loss than the one in the middle.
double share_below_middle(const std::vector<LossPoint>& points) {
  const double middle = points[points.size() / 2].loss;
  const auto lower = std::count_if(points.begin(), points.end(),
                                   [&](const LossPoint& point) { return point.loss < middle; });
  return static_cast<double>(lower) / static_cast<double>(points.size());
}

// How far it is along the gradient, in pixels, to another class; the range where there is none.
double way_along_gradient(const ImageLandscapes& l, std::size_t model) {
  const int middle = l.side / 2;
  for (int x = middle; x < l.side; ++x) {
    const auto i = static_cast<std::size_t>(middle * l.side + x);
    if (l.points[model][i].label != l.label) return grid_coordinate(x, l.side, l.range);
  }
  return l.range;
}

}  // namespace

SectionResult landscape_section(const ChapterScene& scene) {
  const std::vector<std::string> names{"standard", "robust"};
  std::vector<LandscapeModel> models;
  models.push_back(load_landscape_model(scene.standard()));
  models.push_back(load_landscape_model(scene.robust()));
  const int side = scene.quick ? 11 : 51;
  const LabelledImages images = scene.first(scene.quick ? 100 : 1000);
  const WeightLandscapes weights =
      weight_landscapes(models, images, side, std::nullopt, scene.seed, scene.progress);
  const Matrix image = images.images.topRows(1);
  const int label = images.labels[0];
  const ImageLandscapes around =
      image_landscapes({models[0].model.get(), models[1].model.get()}, image, label, side,
                       1.5 * kEpsilon, kEpsilon, scene.seed, scene.progress);
  const std::vector<LossPoint> line =
      losses_between(models[0], models[1], images, side, scene.progress);
  const auto top =
      std::max_element(line.begin(), line.end(),
                       [](const LossPoint& a, const LossPoint& b) { return a.loss < b.loss; });

  SectionResult section;
  section.html =
      paragraph(
          "The book draws the loss as a mountain range that gradient descent walks down when "
          "it trains, and an attacker walks up. Both walks are real, and they are walks in "
          "two different landscapes: training moves the weights, the attacker the image.") +
      page_figure(landscape_picture(weights, names,
                                    "Cross-entropy on the first " + std::to_string(weights.n) +
                                        " test images; two random directions scaled filter by "
                                        "filter (Li et al. 2018)"),
                  "Two basins: the loss over two random directions of the weights of two networks.",
                  "Around the weights: where training came to rest") +
      page_figure(landscape_picture(around, names, models[0].model->spec(),
                                    "The first test image, a " + std::to_string(label) +
                                        "; the square on its tip holds what lies within epsilon "
                                        "0.3 in L-inf"),
                  "What is read around one image, and how high the loss is, for two networks.",
                  "Around an image: where the attacker walks") +
      page_figure(line_picture(line, names[0], names[1]),
                  "Loss and accuracy on the straight line from one network to the other.",
                  "Between the two networks");
  const double plain = way_along_gradient(around, 0), hardened = way_along_gradient(around, 1);
  const auto way = [&](double length) {
    return length >= around.range ? "not within " + number(around.range) : "at " + number(length);
  };
  const double middle = weights.points[0][weights.points[0].size() / 2].loss;
  const double lower = share_below_middle(weights.points[0]);
  const double ends = std::max(line.front().loss, line.back().loss);
  const std::string between = "Between the two networks the loss rises to " + fixed(top->loss, 3) +
                              " from " + fixed(line.front().loss, 3) + " and " +
                              fixed(line.back().loss, 3) + ", where " + percent(top->accuracy) +
                              " are read rightly: ";
  section.html += findings(
      {{lower <= 0.05 ? Finding::kHolds : Finding::kFails,
        "Training ends near the bottom of a basin: standard has a loss of " + fixed(middle, 4) +
            ", and " + percent(lower) + " of the points around it have less."},
       {plain < hardened ? Finding::kHolds : Finding::kFails,
        "The way along the gradient leads out of the class: " + way(plain) +
            " for standard, and for robust " + way(hardened) + "."},
       {read_otherwise(around, 0) < 0.5 ? Finding::kHolds : Finding::kFails,
        "Adversaries are not everywhere: of the points of this plane within epsilon 0.3 standard "
        "reads " +
            percent(read_otherwise(around, 0)) + " as another class, robust " +
            percent(read_otherwise(around, 1)) + "."},
       {Finding::kLeftOut,
        "A picture of two directions says little of hundreds of thousands: the robust network has "
        "adversaries that this plane does not show."},
       {Finding::kLeftOut,
        between + (top->loss > 10 * ends
                       ? "they lie in two basins, with a ridge between them."
                       : "there is no ridge to speak of, and both lie in one wide basin.")}});
  section.html += command_block(
      {"inoculate landscape --model assets/standard.safetensors assets/robust.safetensors --out "
       "weights",
       "inoculate landscape --model assets/standard.safetensors assets/robust.safetensors --around "
       "image --epsilon 0.3 --range 0.45 --out image",
       "inoculate landscape --model assets/standard.safetensors --between "
       "assets/robust.safetensors --out line"});
  section.json = {{"n", weights.n},
                  {"range", weights.range},
                  {"loss", {middle, weights.points[1][weights.points[1].size() / 2].loss}},
                  {"read_otherwise", {read_otherwise(around, 0), read_otherwise(around, 1)}},
                  {"largest_loss_between", top->loss}};
  return section;
}

}  // namespace inoculate
