// Package fwd is OpenFlow forwarding: what controllers say about flow entries,
// and what they ask. Section numbers (§) are those of OpenFlow 1.3.5.
//
// Tables owns the flow tables: flow-mods, timeouts, statistics, table features,
// and the publication of Views for the workers. Groups and Meters answer for the
// group and the meter table, Packets moves packets between controllers and the
// datapath, Identity says who the switch is. Together with the ports they are what a session asks
// of a switch (openflow.Switch), which they satisfy without naming it.
//
// All of it belongs to the main goroutine. Only the streams that statistics
// return are pulled by others; they read nothing that main still writes but
// atomic counters.
package fwd
