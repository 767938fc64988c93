package cells

import (
	"context"
	"fmt"
)

func (s *Session) shell(_ context.Context, line string) error {
	return fmt.Errorf("$ %s: a web page cannot run commands of the system's; rt0's Jupyter kernel can", line)
}
