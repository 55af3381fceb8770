"""The rules of execution control: pure functions over plain values, the standard library only."""
