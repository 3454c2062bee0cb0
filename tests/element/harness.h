// Harness: GstHarness with owners, and the buffers and messages that element tests need.

#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include <gst/check/gstharness.h>
#include <gtest/gtest.h>

#include "pipeline/core/frame.h"
#include "plugins/common/gst_raii.h"
#include "plugins/common/pair_record.h"

namespace stillwatch::gst {

struct HarnessTeardown {
  void operator()(GstHarness* harness) const noexcept { gst_harness_teardown(harness); }
};
using HarnessPtr = std::unique_ptr<GstHarness, HarnessTeardown>;

// Initialises GStreamer and registers our elements without the modules.
void RegisterElements();

// Base of all element tests.  The bus of the harnessed element is read through it.
class ElementTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { RegisterElements(); }
  void TearDown() override {
    if (harness_) gst_element_set_bus(harness_->element, nullptr);
  }

  // Makes the element of a launch line and starts it.
  GstHarness* Parse(const std::string& line, const char* caps) {
    harness_.reset(gst_harness_new_parse(line.c_str()));
    WatchBus();
    if (caps != nullptr) gst_harness_set_src_caps_str(harness_.get(), caps);
    return harness_.get();
  }

  void WatchBus() {
    bus_.reset(gst_bus_new());
    gst_element_set_bus(harness_->element, bus_.get());
  }

  // The next message of the kind; null if none waits.  Waits up to `timeout` for one.
  MessagePtr Message(GstMessageType type, GstClockTime timeout = 0) const {
    return MessagePtr(gst_bus_timed_pop_filtered(bus_.get(), timeout, type));
  }

  // The text of the next error or warning; empty if none waits.
  std::string Text(GstMessageType type, GstClockTime timeout = 0) const {
    const MessagePtr message = Message(type, timeout);
    if (!message) return "";
    GError* raw = nullptr;
    if (type == GST_MESSAGE_ERROR) {
      gst_message_parse_error(message.get(), &raw, nullptr);
    } else {
      gst_message_parse_warning(message.get(), &raw, nullptr);
    }
    const ErrorPtr error(raw);
    return error->message;
  }

  static void Flush(GstHarness* harness) {
    gst_harness_push_event(harness, gst_event_new_flush_start());
    gst_harness_push_event(harness, gst_event_new_flush_stop(TRUE));
    GstSegment segment;
    gst_segment_init(&segment, GST_FORMAT_TIME);
    gst_harness_push_event(harness, gst_event_new_segment(&segment));
  }

  // Changes states from one thread and pushes buffers from another, for a fifth of a second.
  static void StressStates(GstHarness* harness, const char* caps_text, std::size_t bytes) {
    const BufferPtr buffer(gst_harness_create_buffer(harness, bytes));
    gst_buffer_memset(buffer.get(), 0, 90, bytes);
    GST_BUFFER_PTS(buffer.get()) = 0;
    const CapsPtr caps(gst_caps_from_string(caps_text));
    GstSegment segment;
    gst_segment_init(&segment, GST_FORMAT_TIME);
    GstHarnessThread* states = gst_harness_stress_statechange_start(harness);
    GstHarnessThread* pushes =
        gst_harness_stress_push_buffer_start(harness, caps.get(), &segment, buffer.get());
    g_usleep(G_USEC_PER_SEC / 5);  // How long to stress, not what to wait for.
    EXPECT_GT(gst_harness_stress_thread_stop(states), 0u);
    EXPECT_GT(gst_harness_stress_thread_stop(pushes), 0u);
  }

  BusPtr bus_;
  HarnessPtr harness_;
};

// A record as pairselector would attach it, with two small pictures.
inline PairMeta::Ptr MadePair(const std::string& event_id,
                              EventType step = EventType::kChangeDetected) {
  const auto picture = [](std::uint8_t grey, std::int64_t index) {
    auto frame = std::make_shared<Frame>();
    frame->camera = "dock";
    frame->captured_at = TimePoint(std::chrono::seconds(1767254400 + index));
    frame->index = index;
    frame->pts = std::chrono::seconds(index);
    frame->width = 16;
    frame->height = 8;
    frame->rgb.assign(16 * 8 * 3, grey);
    return frame;
  };
  return std::make_shared<const PairRecord>(
      PairRecord{.step = step,
                 .event_id = event_id,
                 .camera = "dock",
                 .reference = picture(40, 1),
                 .current = picture(200, 9),
                 .regions = {{.x = 0.25, .y = 0.5, .w = 0.25, .h = 0.25}},
                 .kind = ChangeKind::kAdded,
                 .why = {.score = 0.75},
                 .select_ms = 3});
}

}  // namespace stillwatch::gst
