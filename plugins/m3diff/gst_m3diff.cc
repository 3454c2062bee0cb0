// m3diff puts a change into words.  Every frame passes; for each SwPairMeta of a frame the element
// adds a SwCaptionMeta and posts "stillwatch-caption" on the bus.
//
//   gst-launch-1.0 -m filesrc location=samples/loading_bay.mp4 ! decodebin !
//     framesampler interval-ms=500 ! videoconvert ! video/x-raw,format=RGB !
//     pairselector camera=dock interval-ms=500 settle-ms=2000 !
//     m3diff model=model/weights/nano ! fakesink
//
// A pair that the model fails on stays without a caption (pending downstream): the element warns,
// and the stream goes on.  Captioning happens in the streaming thread, one pair at a time; a frame
// without pairs costs nothing.
//
// A shell: CaptionPair maps, model::Captioner speaks.

#include "plugins/m3diff/gst_m3diff.h"

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "pipeline/core/c_boundary.h"
#include "plugins/common/event_structure.h"
#include "plugins/common/gst_raii.h"

using stillwatch::SetCallback;
using stillwatch::gst::AtCBoundary;
using stillwatch::gst::CaptionerFactory;
using stillwatch::gst::CaptionMeta;
using stillwatch::gst::ObjectLock;
using stillwatch::gst::PairMeta;
using stillwatch::model::Captioner;
using stillwatch::model::CaptionerOptions;

GST_DEBUG_CATEGORY_STATIC(sw_m3diff_debug);
#define GST_CAT_DEFAULT sw_m3diff_debug

namespace {
struct Stats {
  std::uint64_t captioned = 0;
  std::uint64_t failed = 0;
};
struct Impl {
  CaptionerOptions settings;  // Guarded by the object lock.
  Stats stats;                // Guarded by the object lock.

  std::unique_ptr<Captioner> captioner;  // Streaming thread.  Lives from start to stop.
};
enum Property : guint { PROP_0, PROP_MODEL, PROP_MAX_TOKENS, PROP_THREADS, PROP_STATS };

CaptionerFactory& Factory() {
  static CaptionerFactory factory;
  return factory;
}
}  // namespace

void stillwatch::gst::SetCaptionerFactory(CaptionerFactory factory) {
  Factory() = std::move(factory);
}

struct _SwM3Diff {
  GstBaseTransform parent_instance;
  Impl* impl;  // Made in init, deleted in finalize; never null between.
};

G_DEFINE_TYPE(SwM3Diff, sw_m3diff, GST_TYPE_BASE_TRANSFORM)
GST_ELEMENT_REGISTER_DEFINE(m3diff, "m3diff", GST_RANK_NONE, SW_TYPE_M3DIFF)

namespace {

// Any picture format: the pictures to compare come with the meta.
constexpr const char* kCaps = "video/x-raw(ANY)";
GstStaticPadTemplate sink_template =
    GST_STATIC_PAD_TEMPLATE("sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS(kCaps));
GstStaticPadTemplate src_template =
    GST_STATIC_PAD_TEMPLATE("src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS(kCaps));

void SetProperty(GObject* object, guint id, const GValue* value, GParamSpec* spec) noexcept {
  AtCBoundary(object, [&] {
    ObjectLock lock(object);
    CaptionerOptions& settings = SW_M3DIFF(object)->impl->settings;
    switch (id) {
      case PROP_MODEL: {
        const char* folder = g_value_get_string(value);
        settings.model_folder = folder != nullptr ? folder : "";
        break;
      }
      case PROP_MAX_TOKENS:
        settings.max_tokens = g_value_get_int(value);
        break;
      case PROP_THREADS:
        settings.threads = g_value_get_int(value);
        break;
      default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
    }
  });
}

void GetProperty(GObject* object, guint id, GValue* value, GParamSpec* spec) noexcept {
  AtCBoundary(object, [&] {
    ObjectLock lock(object);
    const Impl& impl = *SW_M3DIFF(object)->impl;
    switch (id) {
      case PROP_MODEL:
        g_value_set_string(value, impl.settings.model_folder.c_str());
        break;
      case PROP_MAX_TOKENS:
        g_value_set_int(value, impl.settings.max_tokens);
        break;
      case PROP_THREADS:
        g_value_set_int(value, impl.settings.threads);
        break;
      case PROP_STATS:
        g_value_take_boxed(value,
                           gst_structure_new("stillwatch-caption-stats", "captioned", G_TYPE_UINT64,
                                             guint64{impl.stats.captioned}, "failed", G_TYPE_UINT64,
                                             guint64{impl.stats.failed}, nullptr));
        break;
      default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
    }
  });
}

gboolean Start(GstBaseTransform* base) noexcept {
  return AtCBoundary(base, FALSE, [&]() -> gboolean {
    Impl& impl = *SW_M3DIFF(base)->impl;
    CaptionerOptions settings;
    {
      ObjectLock lock(base);
      settings = impl.settings;
      impl.stats = {};
    }
    if (settings.model_folder.empty()) {
      GST_ELEMENT_ERROR(base, RESOURCE, SETTINGS,
                        ("model: not set; give the folder of a model, for example "
                         "model=model/weights/nano"),
                        (nullptr));
      return FALSE;
    }
    auto captioner = Factory()(settings);
    if (!captioner) {
      GST_ELEMENT_ERROR(base, RESOURCE, OPEN_READ,
                        ("model: %s", captioner.error().message().c_str()), (nullptr));
      return FALSE;
    }
    impl.captioner = *std::move(captioner);
    return TRUE;
  });
}

gboolean Stop(GstBaseTransform* base) noexcept {
  return AtCBoundary(base, FALSE, [&]() -> gboolean {
    SW_M3DIFF(base)->impl->captioner.reset();
    return TRUE;
  });
}

GstFlowReturn TransformIp(GstBaseTransform* base, GstBuffer* buffer) noexcept {
  return AtCBoundary(base, GST_FLOW_ERROR, [&] {
    Impl& impl = *SW_M3DIFF(base)->impl;
    for (const PairMeta::Ptr& pair : PairMeta::Of(buffer)) {
      if (!WantsCaption(*pair)) continue;
      const auto caption = CaptionPair(*impl.captioner, *pair);
      {
        ObjectLock lock(base);
        ++(caption ? impl.stats.captioned : impl.stats.failed);
      }
      if (!caption) {
        GST_ELEMENT_WARNING(base, LIBRARY, FAILED,
                            ("event %s stays without a caption: %s", pair->event_id.c_str(),
                             caption.error().message().c_str()),
                            (nullptr));
        continue;
      }
      CaptionMeta::Add(buffer, *caption);
      gst_element_post_message(
          GST_ELEMENT(base),
          gst_message_new_element(
              GST_OBJECT(base),
              stillwatch::gst::ToStructure(**caption, "stillwatch-caption").release()));
    }
    return GST_FLOW_OK;
  });
}

void Finalize(GObject* object) noexcept {
  delete SW_M3DIFF(object)->impl;
  G_OBJECT_CLASS(sw_m3diff_parent_class)->finalize(object);
}

}  // namespace

// G_DEFINE_TYPE declares the two functions below without noexcept, so no compiler checks them.
static void sw_m3diff_class_init(SwM3DiffClass* klass) {
  GST_DEBUG_CATEGORY_INIT(sw_m3diff_debug, "m3diff", 0, "change captions");

  auto* object_class = G_OBJECT_CLASS(klass);
  SetCallback(object_class->set_property, SetProperty);
  SetCallback(object_class->get_property, GetProperty);
  SetCallback(object_class->finalize, Finalize);
  constexpr auto kFlags = static_cast<GParamFlags>(G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS |
                                                   GST_PARAM_MUTABLE_READY);
  g_object_class_install_property(
      object_class, PROP_MODEL,
      g_param_spec_string("model", "Model",
                          "Folder with config.json, model.safetensors and tokenizer.json", "",
                          kFlags));
  g_object_class_install_property(
      object_class, PROP_MAX_TOKENS,
      g_param_spec_int("max-tokens", "Longest caption",
                       "Tokens of a caption at most; 0: what the model's config says", 0, 1024, 0,
                       kFlags));
  g_object_class_install_property(
      object_class, PROP_THREADS,
      g_param_spec_int("threads", "Threads",
                       "CPU threads that the model computes with; 0: as many as the machine has", 0,
                       256, 0, kFlags));
  g_object_class_install_property(
      object_class, PROP_STATS,
      g_param_spec_boxed("stats", "Statistics", "Pairs captioned and pairs failed, since start",
                         GST_TYPE_STRUCTURE,
                         static_cast<GParamFlags>(G_PARAM_READABLE | G_PARAM_STATIC_STRINGS)));

  auto* element_class = GST_ELEMENT_CLASS(klass);
  gst_element_class_add_static_pad_template(element_class, &sink_template);
  gst_element_class_add_static_pad_template(element_class, &src_template);
  gst_element_class_set_static_metadata(element_class, "M3Diff", "Filter/Analyzer/Video",
                                        "Says in a sentence what has changed in the scene",
                                        "The Stillwatch authors");

  auto* base_class = GST_BASE_TRANSFORM_CLASS(klass);
  SetCallback(base_class->start, Start);
  SetCallback(base_class->stop, Stop);
  SetCallback(base_class->transform_ip, TransformIp);
}

static void sw_m3diff_init(SwM3Diff* self) {
  AtCBoundary(self, [&] {
    self->impl = new Impl;
    gst_base_transform_set_in_place(GST_BASE_TRANSFORM(self), TRUE);
  });
}
