// What landscapes look like, and their CSV.
#include <cmath>

#include "base/quote.h"
#include "native/csv_cell.h"
#include "native/landscape_run.h"
#include "native/text.h"
#include "pictures/curves.h"

namespace inoculate {
namespace {

Bytes bytes_of(const std::string& text) { return {text.begin(), text.end()}; }

std::string loss_text(double loss) { return std::isfinite(loss) ? fixed(loss, 6) : "inf"; }

// "model,a,b" of a point.
std::string place_cells(const std::string& name, std::size_t i, int side, double range) {
  const int at = static_cast<int>(i);
  return csv_cell(name) + "," + number(grid_coordinate(at % side, side, range)) + "," +
         number(grid_coordinate(at / side, side, range)) + ",";
}

}  // namespace

Bytes landscape_csv(const WeightLandscapes& landscapes, const std::vector<std::string>& names) {
  std::string csv = "model,a,b,loss,accuracy\n";
  for (std::size_t m = 0; m < names.size(); ++m) {
    for (std::size_t i = 0; i < landscapes.points[m].size(); ++i) {
      const LossPoint& point = landscapes.points[m][i];
      csv += place_cells(names[m], i, landscapes.side, landscapes.range) + loss_text(point.loss) +
             "," + fixed(point.accuracy, 4) + "\n";
    }
  }
  return bytes_of(csv);
}

Bytes landscape_csv(const ImageLandscapes& landscapes, const std::vector<std::string>& names,
                    const ModelSpec& model) {
  std::string csv = "model,a,b,class,confidence,loss\n";
  for (std::size_t m = 0; m < names.size(); ++m) {
    for (std::size_t i = 0; i < landscapes.points[m].size(); ++i) {
      const ImagePoint& point = landscapes.points[m][i];
      csv += place_cells(names[m], i, landscapes.side, landscapes.range) +
             csv_cell(class_name(model, point.label)) + "," + fixed(point.confidence, 6) + "," +
             loss_text(point.loss) + "\n";
    }
  }
  return bytes_of(csv);
}

Bytes line_csv(const std::vector<LossPoint>& points) {
  std::string csv = "t,loss,accuracy\n";
  for (std::size_t i = 0; i < points.size(); ++i) {
    csv += number(static_cast<double>(i) / static_cast<double>(points.size() - 1)) + "," +
           loss_text(points[i].loss) + "," + fixed(points[i].accuracy, 4) + "\n";
  }
  return bytes_of(csv);
}

Canvas landscape_picture(const WeightLandscapes& landscapes, const std::vector<std::string>& names,
                         const std::string& settings) {
  LandscapePicture picture;
  picture.title = "The loss around the weights";
  picture.footer = settings;
  picture.height_label = "loss";
  picture.range = landscapes.range;
  picture.x_label = "one random direction";
  picture.y_label = "another";
  for (std::size_t m = 0; m < names.size(); ++m) {
    LandscapePanel panel{names[m], landscapes.side, {}};
    for (const LossPoint& point : landscapes.points[m]) panel.heights.push_back(point.loss);
    picture.panels.push_back(std::move(panel));
  }
  return draw_landscape(picture);
}

Canvas landscape_picture(const ImageLandscapes& landscapes, const std::vector<std::string>& names,
                         const ModelSpec& model, const std::string& settings) {
  LandscapePicture picture;
  picture.title = "What is read around an image";
  picture.footer = settings;
  picture.height_label = "loss";
  picture.range = landscapes.range;
  picture.x_label = "the gradient's sign";
  picture.y_label = "random signs";
  picture.tip = landscapes.epsilon;
  picture.tip_label = "ε " + number(landscapes.epsilon);
  for (const std::string& name : model.class_names) {
    picture.class_names.push_back(printable(name));
  }
  for (std::size_t m = 0; m < names.size(); ++m) {
    LandscapePanel panel{names[m], landscapes.side, {}};
    for (const ImagePoint& point : landscapes.points[m]) {
      panel.heights.push_back(point.loss);
      panel.classes.push_back(point.label);
      panel.shares.push_back(point.confidence);
    }
    picture.panels.push_back(std::move(panel));
  }
  return draw_landscape(picture);
}

Canvas line_picture(const std::vector<LossPoint>& points, const std::string& from,
                    const std::string& to) {
  Chart loss{"Loss between " + from + " and " + to, "share of " + to, "", {}, {}};
  Chart accuracy{"Accuracy", "share of " + to, "", {}, std::pair{0.0, 1.0}};
  Curve losses{"loss", {}, {}}, accuracies{"accuracy", {}, {}};
  for (std::size_t i = 0; i < points.size(); ++i) {
    const double t = static_cast<double>(i) / static_cast<double>(points.size() - 1);
    losses.x.push_back(t);
    losses.y.push_back(points[i].loss);
    accuracies.x.push_back(t);
    accuracies.y.push_back(points[i].accuracy);
  }
  loss.curves.push_back(std::move(losses));
  accuracy.curves.push_back(std::move(accuracies));
  return draw_charts({loss, accuracy});
}

}  // namespace inoculate
