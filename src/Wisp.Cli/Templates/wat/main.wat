;; Answers a request: it comes as environment variables (CGI, RFC 3875), the answer is standard output.
(module
  (import "wasi_snapshot_preview1" "environ_sizes_get" (func $environ_sizes_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "environ_get" (func $environ_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 4)
  (data (i32.const 64) "Content-Type: text/plain; charset=utf-8\r\n\r\nHello from @NAME@! You asked for ")
  (data (i32.const 512) ".\n")
  (data (i32.const 520) "PATH_INFO=")

  ;; how many bytes before the zero byte
  (func $length (param $text i32) (result i32)
    (local $count i32)
    (block $done
      (loop $next
        (br_if $done (i32.eqz (i32.load8_u (i32.add (local.get $text) (local.get $count)))))
        (local.set $count (i32.add (local.get $count) (i32.const 1)))
        (br $next)))
    (local.get $count))

  ;; whether a variable is PATH_INFO
  (func $is_path (param $text i32) (result i32)
    (local $i i32)
    (loop $next
      (if (i32.ne (i32.load8_u (i32.add (local.get $text) (local.get $i))) (i32.load8_u offset=520 (local.get $i)))
        (then (return (i32.const 0))))
      (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 10))))
    (i32.const 1))

  ;; writes a piece of the answer
  (func $write (param $at i32) (param $count i32)
    (loop $again
      (i32.store (i32.const 0) (local.get $at))
      (i32.store (i32.const 4) (local.get $count))
      (if (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)) (then unreachable))
      (local.set $at (i32.add (local.get $at) (i32.load (i32.const 8))))
      (local.set $count (i32.sub (local.get $count) (i32.load (i32.const 8))))
      (br_if $again (local.get $count))))

  (func (export "_start")
    (local $variable i32) (local $end i32)
    (drop (call $environ_sizes_get (i32.const 16) (i32.const 20)))
    ;; pointers from 4096 on, texts from 65536 on; a request has far less than that holds
    (drop (call $environ_get (i32.const 4096) (i32.const 65536)))
    (local.set $variable (i32.const 4096))
    (local.set $end (i32.add (i32.const 4096) (i32.shl (i32.load (i32.const 16)) (i32.const 2))))
    (call $write (i32.const 64) (call $length (i32.const 64)))
    (loop $next
      (if (i32.lt_u (local.get $variable) (local.get $end))
        (then
          (if (call $is_path (i32.load (local.get $variable)))
            (then (call $write
              (i32.add (i32.load (local.get $variable)) (i32.const 10))
              (i32.sub (call $length (i32.load (local.get $variable))) (i32.const 10)))))
          (local.set $variable (i32.add (local.get $variable) (i32.const 4)))
          (br $next))))
    (call $write (i32.const 512) (i32.const 2))))
