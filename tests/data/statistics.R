# Reference results for tests/unit/test_against_r.py, from R packages that share no code with Speciosa.
# Run in this folder:  Rscript statistics.R > statistics.json
# repeated.csv and survival.csv are written by tests/r_data.py.
suppressMessages({library(nlme); library(survival); library(MASS); library(cmprsk)})
options(digits = 15)

wide <- read.csv("repeated.csv")
visits <- 4
long <- do.call(rbind, lapply(1:visits, function(k) data.frame(
  person = wide$person, arm = wide$arm, baseline = wide$baseline - 20, visit = k,
  y = wide[[paste0("visit_", k)]])))
long <- long[!is.na(long$y), ]
long <- long[order(long$person, long$visit), ]
long$week <- factor(long$visit)
X <- cbind(sapply(1:visits, function(k) (long$arm == 0) * (long$visit == k)),
           sapply(1:visits, function(k) (long$arm == 1) * (long$visit == k)),
           sapply(1:visits, function(k) long$baseline * (long$visit == k)))
last <- c(0, 0, 0, -1, 0, 0, 0, 1, 0, 0, 0, 0)

# --- estimate and standard error by nlme::gls -------------------------------------------------
control <- glsControl(tolerance = 1e-12, msTol = 1e-14, maxIter = 500, msMaxIter = 500,
                      opt = "nlminb")
by_gls <- function(correlation, weights = NULL) {
  fit <- gls(y ~ X - 1, data = long, correlation = correlation, weights = weights,
             method = "REML", control = control)
  list(estimate = sum(last * coef(fit)), error = sqrt(drop(last %*% fit$varBeta %*% last)))
}
own <- varIdent(form = ~ 1 | week)
gls_fits <- list(
  "unstructured" = by_gls(corSymm(form = ~ visit | person), own),
  "heterogeneous ar1" = by_gls(corAR1(form = ~ visit | person), own),
  "ar1" = by_gls(corAR1(form = ~ visit | person)),
  "toeplitz" = by_gls(corARMA(form = ~ visit | person, p = visits - 1, q = 0)),
  "heterogeneous toeplitz" = by_gls(corARMA(form = ~ visit | person, p = visits - 1, q = 0), own),
  "compound symmetry" = by_gls(corCompSymm(form = ~ 1 | person)))

# --- degrees of freedom: dense matrices and numeric derivatives -------------------------------
map <- function(x) x / sqrt(1 + x^2)
lag <- abs(outer(1:visits, 1:visits, "-"))
structures <- list(
  "unstructured" = function(th) {
    L <- diag(visits); k <- 0
    for (i in 2:visits) for (j in 1:(i - 1)) { k <- k + 1; L[i, j] <- th[visits + k] }
    L <- exp(th[1:visits]) * L
    L %*% t(L) },
  "heterogeneous toeplitz" = function(th) {
    s <- exp(th[1:visits]); outer(s, s) * matrix(c(1, map(th[-(1:visits)]))[lag + 1], visits) },
  "toeplitz" = function(th) exp(2 * th[1]) * matrix(c(1, map(th[-1]))[lag + 1], visits),
  "heterogeneous ar1" = function(th) {
    s <- exp(th[1:visits]); outer(s, s) * map(th[visits + 1])^lag },
  "ar1" = function(th) exp(2 * th[1]) * map(th[2])^lag,
  "compound symmetry" = function(th) exp(2 * th[1]) * ifelse(lag == 0, 1, map(th[2])))
sizes <- c("unstructured" = 10, "heterogeneous toeplitz" = 7, "toeplitz" = 4,
           "heterogeneous ar1" = 5, "ar1" = 2, "compound symmetry" = 2)
same <- outer(long$person, long$person, "==")
dense <- function(S) S[long$visit, long$visit] * same
minus2 <- function(th, sigma) {
  S <- sigma(th)
  V <- dense(S)
  U <- tryCatch(chol(V), error = function(e) NULL)
  if (is.null(U)) return(1e10)
  A <- backsolve(U, cbind(X, long$y), transpose = TRUE)
  Xs <- A[, 1:ncol(X)]; ys <- A[, ncol(X) + 1]
  H <- crossprod(Xs); b <- solve(H, crossprod(Xs, ys))
  2 * sum(log(diag(U))) + as.numeric(determinant(H)$modulus) + sum((ys - Xs %*% b)^2)
}
gradient <- function(f, x, h = 1e-4) sapply(seq_along(x), function(i) {
  e <- replace(0 * x, i, h); (f(x - 2 * e) - 8 * f(x - e) + 8 * f(x + e) - f(x + 2 * e)) / (12 * h) })
hessian <- function(f, x, h = 2e-3) {
  n <- length(x); M <- matrix(0, n, n)
  for (i in 1:n) for (j in 1:i) {
    a <- replace(0 * x, i, h); b <- replace(0 * x, j, h)
    one <- function(k) (f(x + k * a + k * b) - f(x + k * a - k * b) - f(x - k * a + k * b) +
                        f(x - k * a - k * b)) / (4 * h^2 * k^2)
    M[i, j] <- M[j, i] <- (4 * one(1) - one(2)) / 3
  }
  M
}
mixed <- function(name) {
  sigma <- structures[[name]]; q <- sizes[[name]]
  th <- c(rep(1.5, if (grepl("hetero|unstr", name)) visits else 1))
  th <- c(th, rep(0.3, q - length(th)))
  f <- function(t) minus2(t, sigma)
  for (k in 1:6) th <- nlminb(th, f, control = list(rel.tol = 1e-15, x.tol = 1e-12,
                                                    eval.max = 5000, iter.max = 3000))$par
  for (k in 1:3) th <- th - solve(hessian(f, th), gradient(f, th))
  V <- dense(sigma(th)); Vi <- solve(V); H <- t(X) %*% Vi %*% X; Phi <- solve(H)
  W <- solve(hessian(f, th) / 2)
  Phi_at <- function(t) solve(t(X) %*% solve(dense(sigma(t)), X))
  g <- gradient(function(t) drop(last %*% Phi_at(t) %*% last), th)
  v <- drop(last %*% Phi %*% last)
  # Kenward and Roger 1997 with dense V and numeric derivatives of sigma
  by <- lapply(1:q, function(i) { e <- replace(0 * th, i, 1e-4)
    dense((sigma(th - 2 * e) - 8 * sigma(th - e) + 8 * sigma(th + e) - sigma(th + 2 * e)) / 12e-4) })
  twice <- function(i, j) { h <- 1e-3; a <- replace(0 * th, i, h); b <- replace(0 * th, j, h)
    dense((sigma(th + a + b) - sigma(th + a - b) - sigma(th - a + b) + sigma(th - a - b)) / (4 * h^2)) }
  ViX <- Vi %*% X
  P <- lapply(by, function(D) -t(ViX) %*% D %*% ViX)
  adjust <- function(linear) { inside <- 0 * Phi
    for (i in 1:q) for (j in 1:q) {
      Q <- t(ViX) %*% by[[i]] %*% Vi %*% by[[j]] %*% ViX
      R <- if (linear) 0 else t(ViX) %*% twice(i, j) %*% ViX
      inside <- inside + W[i, j] * (Q - P[[i]] %*% Phi %*% P[[j]] - R / 4) }
    sqrt(drop(last %*% (Phi + 2 * Phi %*% inside %*% Phi) %*% last)) }
  list(estimate = drop(last %*% Phi %*% t(X) %*% Vi %*% long$y), error = sqrt(v),
       freedom = 2 * v^2 / drop(g %*% W %*% g),
       error_kenward_roger = adjust(FALSE), error_kenward_roger_linear = adjust(TRUE))
}

# --- time to event ----------------------------------------------------------------------------
s <- read.csv("survival.csv")
surv <- Surv(s$time, s$event)
km <- survfit(surv ~ 1, subset = s$arm == 1)
lr <- survdiff(surv ~ arm, data = s)
lrs <- survdiff(surv ~ arm + strata(stratum), data = s)
cx <- coxph(surv ~ arm + age, data = s, ties = "efron")
rm_of <- function(a) summary(survfit(surv ~ 1, subset = s$arm == a), rmean = 25)$table
ci <- cuminc(s$time, s$cause, s$arm)
at <- timepoints(ci, c(10, 20))
aj <- summary(survfit(Surv(time, factor(cause)) ~ 1, data = s, subset = arm == 1), times = c(10, 20))
pick <- function(m, r) unname(m[r, ])

# --- other models -----------------------------------------------------------------------------
an <- summary(lm(visit_4 ~ arm + baseline, data = wide))$coefficients["arm", ]
lg <- summary(glm(event ~ arm + age, family = binomial, data = s,
                  control = glm.control(epsilon = 1e-14)))$coefficients["arm", ]
po <- polr(factor(level) ~ arm + age, data = s, Hess = TRUE,
           control = list(reltol = 1e-16, maxit = 1000))
pos <- coef(summary(po))

# --- reference-based imputation: conditional means from gls, ANCOVA, jackknife -----------------
Y <- as.matrix(wide[, paste0("visit_", 1:visits)]); base <- wide$baseline - 20
gls_us <- function(people) {
  d <- long[long$person %in% people, ]; d$Z <- X[long$person %in% people, ]
  gls(y ~ Z - 1, data = d, correlation = corSymm(form = ~ visit | person), weights = own,
      method = "REML", control = control)
}
visit_cov <- function(fit) {
  s <- fit$sigma * c(1, coef(fit$modelStruct$varStruct, unconstrained = FALSE)[as.character(2:visits)])
  C <- diag(visits); C[lower.tri(C)] <- coef(fit$modelStruct$corStruct, unconstrained = FALSE)
  C[upper.tri(C)] <- t(C)[upper.tri(C)]
  outer(s, s) * C
}
by_reference <- function(people, how) {
  fit <- gls_us(people); b <- matrix(coef(fit), visits); S <- visit_cov(fit)
  last <- sapply(people, function(i) {
    y <- Y[i + 1, ]; seen <- !is.na(y)
    if (all(seen)) return(y[visits])
    a <- wide$arm[i + 1]
    own_mean <- b[, a + 1] + b[, 3] * base[i + 1]; ref <- b[, 1] + b[, 3] * base[i + 1]
    t <- max(which(seen)); after <- seq_len(visits) > t; m <- own_mean
    if (a == 1 && any(after)) {
      if (how == "jump to reference") m[after] <- ref[after]
      if (how == "copy reference") m <- ref
      if (how == "copy increments in reference") m[after] <- ref[after] + own_mean[t] - ref[t]
    }
    y[!seen] <- m[!seen] + S[!seen, seen, drop = FALSE] %*% solve(S[seen, seen], y[seen] - m[seen])
    y[visits] })
  coef(lm(last ~ wide$arm[people + 1] + base[people + 1]))[[2]]
}
everybody <- wide$person
hows <- c("missing at random", "jump to reference", "copy increments in reference", "copy reference")
referenced <- sapply(hows, function(h) by_reference(everybody, h), simplify = FALSE)
without <- sapply(everybody, function(i) by_reference(setdiff(everybody, i), "jump to reference"))
n <- length(everybody)
referenced$jackknife <- sqrt((n - 1) / n * sum((without - mean(without))^2))

json <- function(x) {
  if (is.list(x)) paste0("{", paste(sprintf('"%s": %s', names(x), sapply(x, json)), collapse = ",\n "), "}")
  else if (is.character(x)) paste0('"', x, '"')
  else if (length(x) == 1) sprintf("%.15g", x)
  else paste0("[", paste(sprintf("%.15g", x), collapse = ", "), "]")
}
version <- function(p) as.character(packageVersion(p))
cat(json(list(
  made = list(command = "Rscript statistics.R > statistics.json", R = as.character(getRversion()),
              nlme = version("nlme"), survival = version("survival"), MASS = version("MASS"),
              cmprsk = version("cmprsk")),
  gls = gls_fits,
  mixed = sapply(names(structures), mixed, simplify = FALSE),
  reference_based = referenced,
  ancova = list(estimate = unname(an[1]), error = unname(an[2]), p_value = unname(an[4])),
  kaplan_meier = list(time = km$time[km$n.event > 0], survival = km$surv[km$n.event > 0],
                      error = (km$std.err * km$surv)[km$n.event > 0],
                      low = km$lower[km$n.event > 0], high = km$upper[km$n.event > 0]),
  log_rank = list(chi_square = lr$chisq, stratified = lrs$chisq),
  cox = list(coefficients = unname(coef(cx)), errors = unname(sqrt(diag(vcov(cx)))),
             log_likelihood = cx$loglik[2]),
  restricted_mean = list(value = unname(c(rm_of(0)["rmean"], rm_of(1)["rmean"])),
                         error = unname(c(rm_of(0)["se(rmean)"], rm_of(1)["se(rmean)"]))),
  cumulative_incidence = list(share = pick(at$est, "1 1"), error = sqrt(pick(at$var, "1 1")),
                              share_survfit = aj$pstate[, 2], error_survfit = aj$std.err[, 2]),
  logistic = list(estimate = unname(lg[1]), error = unname(lg[2])),
  proportional_odds = list(estimate = pos["arm", 1], error = pos["arm", 2]),
  holm = p.adjust(c(0.01, 0.04, 0.03, 0.005), "holm"))), "\n")
