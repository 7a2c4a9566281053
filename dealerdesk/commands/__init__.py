"""The one way anything changes: kinds, policy, approval, dispatch and audit."""
