package main

import (
	"fmt"
	"io"
	"log/syslog"

	"github.com/sirupsen/logrus"
	logsyslog "github.com/sirupsen/logrus/hooks/syslog"
)

// newLog makes the log that the flags ask for: on out, or in syslog.
func newLog(o *options, out io.Writer) (*logrus.Entry, error) {
	log := logrus.New()
	log.SetOutput(out)
	log.SetFormatter(&logrus.TextFormatter{DisableColors: true, FullTimestamp: true, TimestampFormat: "15:04:05.000"})
	switch {
	case o.trace:
		log.SetLevel(logrus.TraceLevel)
	case o.verbose:
		log.SetLevel(logrus.DebugLevel)
	}
	if o.syslog {
		hook, err := logsyslog.NewSyslogHook("", "", syslog.LOG_DAEMON|syslog.LOG_INFO, "ivs")
		if err != nil {
			return nil, fmt.Errorf("flag --syslog: no syslog daemon answers: %w; without the flag the log goes to standard error", err)
		}
		log.SetOutput(io.Discard)
		log.AddHook(hook)
	}
	return log.WithField("switch", o.name), nil
}
