// Planted mistakes: each line marked X must be found.
#include <zmq.hpp>  // X include: belongs to the bus
void F() {
  base_class->start = Start;                          // X style
  g_signal_connect(a, "b", G_CALLBACK(Handler), c);   // X style
  gst_pad_add_probe(pad, mask, OnBuffer, self, 0);    // X style
  gst_object_unref(pad);                              // X style
}
